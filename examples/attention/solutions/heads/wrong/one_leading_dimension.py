"""Your functions do not work for every number of leading dimensions.

`transpose(0, 1)` counts from the front, and a batch moves all dimensions. Count from the back: the
heads are dimension -3 and the positions -2 after the split.
"""

# caught by: leading


def split_heads(x, heads):
    """Take one sequence only."""
    length, dim = x.shape
    if dim % heads:
        raise ValueError("heads must divide dim")
    return x.reshape(length, heads, dim // heads).transpose(0, 1)


def merge_heads(x):
    """Take one sequence only."""
    heads, length, size = x.shape
    return x.transpose(0, 1).reshape(length, heads * size)
