"""Wait for input."""
# ends as: raised


def double(x):
    return input()
