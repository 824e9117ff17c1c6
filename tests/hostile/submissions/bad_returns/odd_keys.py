"""A dictionary whose keys are tensors and lists of nothing."""
# ends as: failed


def double(x):
    return {x: 1, (x,): 2}
