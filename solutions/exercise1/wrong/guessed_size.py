"""Your code leaves the last size to `reshape`, as -1, and with no ids it cannot be worked out.

For -1 PyTorch divides the number of elements by the other sizes. When one of those is
zero that is 0 / 0, and every size would do. You do know the size: the length
of a row is in `weight.shape`.
"""

# caught by: empty


def lookup(weight, idx):
    """Leave the last size to reshape."""
    return weight.index_select(0, idx.reshape(-1)).reshape(*idx.shape, -1)
