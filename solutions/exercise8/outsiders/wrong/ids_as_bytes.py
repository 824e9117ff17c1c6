# fails: step: the ids go through 8-bit integers

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx.to(torch.uint8).long()], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
