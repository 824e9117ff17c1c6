"""Your function returns None.

A function that ends without `return` returns None, even if its last line computes the right
tensor. Printing a result does not return it either. Check that every way through your function
ends with `return`.

Print `linear(x, weight, bias)` for a small example.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Forget to return."""
    x @ weight.T
