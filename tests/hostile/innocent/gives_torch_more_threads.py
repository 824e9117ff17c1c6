"""Let PyTorch compute with several threads."""

import torch

torch.set_num_threads(4)
torch.ones(300, 300) @ torch.ones(300, 300)
torch.rand(1 << 20).sum()


def double(x):
    return x * 2
