"""Return a view of a quintillion numbers."""
# ends as: failed


def double(x):
    return x[:1, None, None].expand(1 << 20, 1 << 20, 1 << 20)
