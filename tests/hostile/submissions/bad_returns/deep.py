"""Lists in lists, a hundred thousand deep."""
# ends as: failed|crashed


def double(x):
    result = x
    for _ in range(100_000):
        result = [result]
    return result
