"""Raise what Ctrl-C raises."""
# ends as: raised


def double(x):
    raise KeyboardInterrupt
