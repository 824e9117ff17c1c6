"""Your result has the right shape, but its numbers come from several rows each.

You gathered the values with one axis order and then used `reshape` to get
another. `reshape` does not swap axes: it reads the numbers in the order they
are in and breaks the lines elsewhere. Swapping is what `transpose`, `permute` and
`movedim` do. Better still, index so that the axes need no swapping at all.
"""

# caught by: rows


def lookup(weight, idx):
    """Gather columns, then reshape where a transpose is needed."""
    picked = weight.T[:, idx.reshape(-1)]
    return picked.reshape(*idx.shape, weight.shape[1])
