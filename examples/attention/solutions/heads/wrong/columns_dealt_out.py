"""You deal the columns out in turn: head 0 gets columns 0, heads, 2 * heads, and so on.

A split of the last dimension into (size, heads) does that. Each head should get neighboring
columns, so the larger step, the head, comes first: (heads, size).
"""

# caught by: split


def split_heads(x, heads):
    """Split into (size, heads)."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (-1, heads)).movedim(-1, -3)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
