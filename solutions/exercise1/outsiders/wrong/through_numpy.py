# fails: dtype, gradient: NumPy has no bfloat16 and no gradients

import torch


def lookup(weight, idx):
    numbers = weight.detach().cpu().numpy()
    return torch.as_tensor(numbers[idx.cpu().numpy()])
