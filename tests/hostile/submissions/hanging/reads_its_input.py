"""Wait for somebody to type."""
# ends as: raised


def double(x):
    return input()
