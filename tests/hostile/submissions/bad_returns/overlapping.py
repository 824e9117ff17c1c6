"""A view whose elements share memory."""
# ends as: failed


def double(x):
    return x.as_strided((len(x),), (0,))
