"""Your code computes `weight @ x`, which is right for a single vector only.

In `y = W x` from books, the vector is a column. In a batch, each vector is a row: it lies along
the last dimension of x, and `weight @ x` multiplies along the batch instead. If x has as many
rows as inputs, no error appears, but the examples are mixed. Try an x of shape (3, 3).
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Put the weight on the left."""
    product = weight @ x
    return product if bias is None else product + bias
