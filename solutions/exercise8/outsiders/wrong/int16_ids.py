# fails: step: converts ids to int16

import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    ids = idx.to(torch.int16).to(torch.int64)
    with torch.enable_grad():
        w = weight.detach().clone().requires_grad_()
        loss = F.mse_loss(w[ids], target.detach())
        (grad,) = torch.autograd.grad(loss, w)
    return w.detach() - lr * grad, loss.detach()
