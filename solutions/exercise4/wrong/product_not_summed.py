"""Your code multiplies numbers pairwise and averages, where a layer sums them.

Each output is the sum of in products. A mean divides it by their number, so all the outputs
come out too small, the more so the more inputs there are, and the bias weighs too much beside
them.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Average the products."""
    product = (x.unsqueeze(-2) * weight).mean(-1)
    return product if bias is None else product + bias
