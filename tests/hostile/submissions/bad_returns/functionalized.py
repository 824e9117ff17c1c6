"""Return a tensor that only stands for another one."""
# ends as: failed

import torch


def double(x):
    return torch._to_functional_tensor(x)
