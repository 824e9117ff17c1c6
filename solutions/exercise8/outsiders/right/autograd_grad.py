# passes: torch.autograd.grad on a table of its own

import torch


def train_step(weight, idx, target, lr):
    table = weight.detach().requires_grad_()
    loss = torch.sum((table[idx] - target) ** 2) / target.numel()
    (step,) = torch.autograd.grad(loss, table)
    return torch.add(weight.detach(), step, alpha=-lr), loss.detach()
