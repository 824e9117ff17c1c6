"""Your code returns the right result, but transposes the caller's weight.

A method whose name ends in an underscore, such as `t_()`, changes the tensor itself. A function
receives the caller's tensor, not a copy, so the second call gets a weight of shape (in, out).
Call your function twice with the same weight.
"""

# caught by: inputs_untouched


def linear(x, weight, bias=None):
    """Transpose the caller's weight."""
    product = x @ weight.t_()
    return product if bias is None else product + bias
