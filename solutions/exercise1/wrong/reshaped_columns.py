"""Your code returns the right shape, but each row mixes numbers of several table rows.

It gathers the values in one axis order and then uses `reshape` to get another. `reshape` does
not swap axes: it keeps the order of the numbers and only splits them differently. `transpose`,
`permute` and `movedim` swap axes. Can you index the table so that no axis has to move?
"""

# caught by: rows


def lookup(weight, idx):
    """Gather columns, then reshape where a transpose is needed."""
    picked = weight.T[:, idx.reshape(-1)]
    return picked.reshape(*idx.shape, weight.shape[1])
