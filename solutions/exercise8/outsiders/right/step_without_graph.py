# passes: an update under no_grad

import torch
from torch import nn
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = nn.Parameter(weight.detach().clone())
    loss = F.mse_loss(F.embedding(idx, table), target)
    loss.backward()
    with torch.no_grad():
        table.sub_(table.grad, alpha=lr)
    return table.detach(), loss.detach()
