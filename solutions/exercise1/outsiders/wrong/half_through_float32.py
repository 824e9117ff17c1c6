# fails: dtype: the result of half-precision tables stays float32

import torch


def lookup(weight, idx):
    if weight.dtype in (torch.float16, torch.bfloat16):
        weight = weight.float()
    return weight[idx]
