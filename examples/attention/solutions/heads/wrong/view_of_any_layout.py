"""You call `view` on a tensor whose memory is in another order.

`view` never copies, so it raises an error if no strides can describe the new shape. `reshape`,
`flatten` and `unflatten` copy if they must.
"""

# caught by: layout


def split_heads(x, heads):
    """View the input, which may be transposed."""
    dim = x.shape[-1]
    if dim % heads:
        raise ValueError("heads must divide dim")
    whole = x.view(-1).view(*x.shape[:-1], heads, dim // heads)
    return whole.transpose(-3, -2)


def merge_heads(x):
    """Merge as it should be."""
    return x.transpose(-3, -2).flatten(-2)
