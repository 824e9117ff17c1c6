"""Return zeros for which PyTorch has no memory yet, expanded to petabytes."""
# ends as: failed

import torch


def double(x):
    return torch._efficientzerotensor(1).expand(2**31, 2**20)
