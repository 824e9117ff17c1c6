"""Your code gives the weight the right shape, but puts its numbers in the wrong places.

To get from (out, in) to (in, out), each row must become a column. `reshape` and `view` keep the
order of the numbers and only split them differently, so an output mixes several rows of
weights. Print your reshaped weight next to `weight.T`.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Reshape the weight where a transpose is needed."""
    outputs, inputs = weight.shape
    product = x @ weight.reshape(inputs, outputs)
    return product if bias is None else product + bias
