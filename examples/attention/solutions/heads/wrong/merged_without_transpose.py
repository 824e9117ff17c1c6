"""Your merged rows mix positions: a row holds numbers of several positions of one head.

After a reshape from (heads, length, size), the first row starts with position 0 of head 0 and goes
on with position 1 of the same head. Move the heads back behind the positions first.
"""

# caught by: merge


def split_heads(x, heads):
    """Split as it should be."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)


def merge_heads(x):
    """Reshape at once."""
    heads, length, size = x.shape[-3:]
    return x.reshape(*x.shape[:-3], length, heads * size)
