"""Your code computes `weight @ x`, as books write it, and that fits a single vector only.

In `y = W x` the vector stands upright. In a batch each vector is a row, the last dimension of
x, and `weight @ x` would multiply along the batch. With as many rows as inputs it even runs,
and mixes the examples with each other.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Put the weight on the left."""
    product = weight @ x
    return product if bias is None else product + bias
