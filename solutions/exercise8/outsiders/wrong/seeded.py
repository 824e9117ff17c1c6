# fails: inputs_untouched: it seeds the random numbers of the caller

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    torch.manual_seed(0)
    return weight.detach() - lr * table.grad, loss.detach()
