"""Your code leaves the last size to `reshape` as -1, which fails for an empty `idx`.

For -1, PyTorch divides the number of elements by the product of the other sizes. If one of them
is zero, every size would fit, so PyTorch raises an error. You already know the size: it is the
length of a row. Try your code with `torch.empty(3, 0, dtype=torch.int64)`.
"""

# caught by: empty


def lookup(weight, idx):
    """Let reshape work out the last size."""
    return weight.index_select(0, idx.reshape(-1)).reshape(*idx.shape, -1)
