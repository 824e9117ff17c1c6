"""Your table has the right shape, but its numbers stand in the wrong places.

`reshape` and `view` read the numbers in the order they are in and only break the lines
elsewhere, so each of your rows is made of pieces of different columns. A transpose moves
the numbers: column i becomes row i. Try both on a weight of shape (2, 3) that holds the
numbers 0 to 5 and compare.
"""

# caught by: table


def linear_to_embedding(weight, bias=None):
    """Reshape where a transpose is needed."""
    dim, num = weight.shape
    table = weight.clone().reshape(num, dim)
    return table if bias is None else table + bias
