# fails: inputs_untouched: it changes PyTorch's default dtype

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    torch.set_default_dtype(weight.dtype)
    return weight.detach() - lr * table.grad, loss.detach()
