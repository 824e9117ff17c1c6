# fails: step: takes no step if the loss is tiny

import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    with torch.enable_grad():
        w = weight.detach().clone().requires_grad_()
        loss = F.mse_loss(F.embedding(idx, w), target.detach())
        if loss < 1e-10:
            return w.detach(), loss.detach()
        (grad,) = torch.autograd.grad(loss, w)
    return w.detach() - lr * grad, loss.detach()
