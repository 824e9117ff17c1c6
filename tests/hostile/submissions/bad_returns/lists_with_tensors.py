"""A tensor at each level of lists in lists."""
# ends as: failed

import torch

t = torch.rand(3, 3, 3, 3)


def deep(depth):
    return [t] if depth == 0 else [t] + [deep(depth - 1) for _ in range(7)]


def double(x):
    return deep(5)
