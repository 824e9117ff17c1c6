"""Your weight has the shape that the product needs, but its numbers stand in the wrong places.

To turn (out, in) into (in, out) each row has to become a column. `reshape` and `view` leave the
numbers in their order and only break the lines elsewhere, so that an output gets a mixture of
several rows of weights. Only a transpose moves the numbers.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Reshape the weight where a transpose is needed."""
    outputs, inputs = weight.shape
    product = x @ weight.reshape(inputs, outputs)
    return product if bias is None else product + bias
