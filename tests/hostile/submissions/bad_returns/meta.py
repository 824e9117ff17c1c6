"""A meta tensor, which has no values."""
# ends as: failed


def double(x):
    return x.to("meta")
