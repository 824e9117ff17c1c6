"""A dictionary whose keys are tensors and empty lists."""
# ends as: failed


def double(x):
    return {x: 1, (x,): 2}
