"""A tensor whose memory was given back."""
# ends as: failed|crashed|raised


def double(x):
    result = x * 2
    result.untyped_storage().resize_(0)
    return result
