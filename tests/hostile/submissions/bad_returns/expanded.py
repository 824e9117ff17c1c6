"""A view that shows one number many times."""
# ends as: failed


def double(x):
    return x[:1].expand(len(x))
