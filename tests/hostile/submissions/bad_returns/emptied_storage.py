"""A tensor whose memory was freed."""
# ends as: failed|crashed|raised


def double(x):
    result = x * 2
    result.untyped_storage().resize_(0)
    return result
