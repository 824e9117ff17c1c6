"""Change the input in place and hand it back."""
# ends as: failed


def double(x):
    return x.add_(1)
