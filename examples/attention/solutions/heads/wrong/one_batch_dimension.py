"""Your functions need exactly one leading dimension, the batch.

A single sequence has none, and a batch of groups has two. `b, length, dim = x.shape` and
`transpose(1, 2)` count from the front. Count from the back: after the split, the heads are
dimension -3 and the positions -2.
"""

# caught by: leading


def split_heads(x, heads):
    """Take a batch only."""
    batch, length, dim = x.shape
    if dim % heads:
        raise ValueError("heads must divide dim")
    return x.reshape(batch, length, heads, dim // heads).transpose(1, 2)


def merge_heads(x):
    """Take a batch only."""
    batch, heads, length, size = x.shape
    return x.transpose(1, 2).reshape(batch, length, heads * size)
