"""Raise at the end of a chain of ten thousand exceptions."""
# ends as: raised


def double(x):
    error = ValueError("first")
    for number in range(10_000):
        following = ValueError(number)
        following.__cause__, error = error, following
    raise error
