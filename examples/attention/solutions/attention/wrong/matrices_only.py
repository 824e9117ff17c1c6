"""Your function works for matrices, but not with leading dimensions.

`t()` takes a matrix, and `softmax(1)` names the keys only in a matrix. A batch of sequences adds a
dimension in front, so count from the back: `mT` swaps the last two dimensions, and -1 is the last
one.
"""

# caught by: leading


def attention(query, key, value):
    """Take matrices only."""
    return (query @ key.t() / query.shape[-1] ** 0.5).softmax(1) @ value
