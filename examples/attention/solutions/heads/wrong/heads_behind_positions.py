"""You split each vector, but the heads come after the positions.

Your result has the shape (..., length, heads, size). Matrix products run over the last two
dimensions, so the heads have to be in front of the positions. One `transpose` is missing.
"""

# caught by: split


def split_heads(x, heads):
    """Leave out the transpose."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (heads, -1))


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
