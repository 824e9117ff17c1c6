"""Your code adds the bias without asking whether there is one.

`bias=None` stands for a layer that was made with `bias=False`, and None cannot be added to a
tensor. Only add what is there.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Add the bias, None or not."""
    return x @ weight.T + bias
