"""No numbers at all, of which all are right."""
# ends as: failed


def double(x):
    return x[:0] * 2
