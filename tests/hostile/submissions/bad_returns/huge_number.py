"""A number of ten thousand digits."""
# ends as: failed


def double(x):
    return 10**10_000
