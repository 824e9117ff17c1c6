"""A tensor without numbers."""
# ends as: failed


def double(x):
    return x.to("meta")
