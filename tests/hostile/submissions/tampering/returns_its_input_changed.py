"""Change the input in place and return it."""
# ends as: failed


def double(x):
    return x.add_(1)
