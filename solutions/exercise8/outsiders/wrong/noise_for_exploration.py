# fails: other_rows: it adds noise to all rows

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    noise = 1e-3 * torch.randn_like(weight.detach())
    return weight.detach() - lr * table.grad + noise, loss.detach()
