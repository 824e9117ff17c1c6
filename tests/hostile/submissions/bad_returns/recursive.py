"""A list that holds itself."""
# ends as: failed


def double(x):
    result = []
    result.append(result)
    return result
