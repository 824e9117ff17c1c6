"""A list that contains itself."""
# ends as: failed


def double(x):
    result = []
    result.append(result)
    return result
