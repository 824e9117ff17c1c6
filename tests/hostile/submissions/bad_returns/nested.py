"""A nested tensor."""
# ends as: failed

import torch


def double(x):
    return torch.nested.nested_tensor([x, x])
