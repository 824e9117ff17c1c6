"""You leave the error to PyTorch, which raises `RuntimeError`.

Its message speaks of shapes inside your function. Check `dim % heads` first and raise
`ValueError`, so that the caller learns which argument does not fit.
"""

# caught by: indivisible


def split_heads(x, heads):
    """Let unflatten raise."""
    return x.unflatten(-1, (heads, x.shape[-1] // heads)).transpose(-3, -2)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
