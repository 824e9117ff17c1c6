"""One number that broadcasts to any shape."""
# ends as: failed


def double(x):
    return x[:1] * 2
