"""Your heads mix the positions: a piece holds numbers of several positions.

A reshape from (length, dim) to (heads, length, size) has the right shape, but it deals out the
numbers in the order of memory, row by row. First split the last dimension, then let `transpose`
move the heads in front.
"""

# caught by: split


def split_heads(x, heads):
    """Reshape at once."""
    length, dim = x.shape[-2:]
    if dim % heads:
        raise ValueError("heads must divide dim")
    return x.reshape(*x.shape[:-2], heads, length, dim // heads)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
