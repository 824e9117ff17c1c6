"""Infinity everywhere."""
# ends as: failed


def double(x):
    return x * float("inf")
