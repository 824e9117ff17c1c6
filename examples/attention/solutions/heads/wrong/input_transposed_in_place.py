"""You turn the tensor of the caller itself.

`transpose_` and other methods that end in `_` change the tensor: afterwards the caller's `x` has
another shape. `transpose` returns a view and leaves `x` alone.
"""

# caught by: gradient, untouched


def split_heads(x, heads):
    """Split as it should be."""
    if x.shape[-1] % heads:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (heads, -1)).transpose(-3, -2)


def merge_heads(x):
    """Change the caller's tensor."""
    return x.transpose_(-3, -2).flatten(-2)
