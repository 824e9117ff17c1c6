"""Raise KeyboardInterrupt, as Ctrl-C does."""
# ends as: raised


def double(x):
    raise KeyboardInterrupt
