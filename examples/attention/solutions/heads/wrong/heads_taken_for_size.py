"""You use `heads` as the number of columns of each piece.

`heads` counts the pieces. Each one has `dim // heads` columns.
"""

# caught by: split


def split_heads(x, heads):
    """Cut pieces of heads columns."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (-1, heads)).transpose(-3, -2)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
