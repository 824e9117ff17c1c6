"""A tensor of two hundred dimensions."""
# ends as: failed|raised


def double(x):
    return x[(None,) * 60].expand(*[1] * 140, *x[(None,) * 60].shape) if x.dim() else x
