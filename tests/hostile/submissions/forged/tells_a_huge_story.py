"""Return megabytes of text."""
# ends as: failed


def double(x):
    return "all is well " * 5_000_000
