"""A view whose numbers lie upon each other."""
# ends as: failed


def double(x):
    return x.as_strided((len(x),), (0,))
