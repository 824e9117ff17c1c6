# fails: inputs_untouched: it leaves deterministic algorithms on

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    torch.use_deterministic_algorithms(True)
    return weight.detach() - lr * table.grad, loss.detach()
