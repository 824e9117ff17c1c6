# fails: inputs_untouched: it turns off autograd for the whole program

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    torch.set_grad_enabled(False)
    return table.detach() - lr * table.grad, loss.detach()
