"""If `heads` does not divide `dim`, you drop the columns that are left over.

A model would then run without an error and ignore a part of each vector. `dim % heads` tells
whether columns are left; raise `ValueError` in that case.
"""

# caught by: indivisible


def split_heads(x, heads):
    """Cut off the rest."""
    size = x.shape[-1] // heads
    return x[..., : heads * size].unflatten(-1, (heads, size)).transpose(-3, -2)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
