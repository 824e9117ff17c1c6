"""Your code returns the right shape, but the numbers are in the wrong places.

`reshape` and `view` keep the order of the numbers and only split them differently, so each of
your rows mixes several columns. A transpose moves the numbers: column i becomes row i. Compare
both on a weight of shape (2, 3) that contains the numbers 0 to 5.
"""

# caught by: table


def linear_to_embedding(weight, bias=None):
    """Reshape where a transpose is needed."""
    dim, num = weight.shape
    table = weight.clone().reshape(num, dim)
    return table if bias is None else table + bias
