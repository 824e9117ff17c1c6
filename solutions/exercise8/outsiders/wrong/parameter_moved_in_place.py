# fails: inputs_untouched: a Parameter is changed in place

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    if weight.requires_grad:
        with torch.no_grad():
            weight -= lr * table.grad
        return weight.detach().clone(), loss.detach()
    return weight.detach() - lr * table.grad, loss.detach()
