"""A list of ten million numbers."""
# ends as: failed|memory


def double(x):
    return [0] * 10_000_000
