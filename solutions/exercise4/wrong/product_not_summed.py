"""Your code averages the products of weights and inputs instead of summing them.

Each output of a linear layer is a sum over all inputs. A mean divides this sum by the number of
inputs, so the products are too small compared with the bias. Compute one output by hand and
compare.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Average the products."""
    product = (x.unsqueeze(-2) * weight).mean(-1)
    return product if bias is None else product + bias
