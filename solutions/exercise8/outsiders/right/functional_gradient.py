# passes: gradient and loss from torch.func.grad_and_value

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    old = weight.detach()
    step, loss = torch.func.grad_and_value(lambda table: F.mse_loss(table[idx], target))(old)
    return old - lr * step, loss
