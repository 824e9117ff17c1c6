"""Your result is right, but the layer's own weight was transposed for good on the way.

A method whose name ends in an underscore, such as `t_()`, changes the tensor that it is called
on, and a function gets the caller's tensor, not a copy. The second call would find a weight of
shape (in, out), or of the right shape and with its numbers swapped.
"""

# caught by: inputs_untouched


def linear(x, weight, bias=None):
    """Transpose the caller's weight."""
    product = x @ weight.t_()
    return product if bias is None else product + bias
