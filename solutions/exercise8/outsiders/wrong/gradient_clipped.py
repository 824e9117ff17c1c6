# fails: step: it clips the gradient

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([table], 5.0)
    return weight.detach() - lr * table.grad, loss.detach()
