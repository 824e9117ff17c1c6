"""Raise with a message of megabytes."""
# ends as: raised


def double(x):
    raise ValueError("no " * 2_000_000)
