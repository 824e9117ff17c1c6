# fails: inputs_untouched: sets weight.grad to None before and after, so a stored gradient of the caller is lost
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    w = weight if weight.requires_grad else weight.detach().clone().requires_grad_()
    w.grad = None
    loss = F.mse_loss(w[idx.long()], target.detach())
    loss.backward()
    with torch.no_grad():
        new = w - lr * w.grad
    w.grad = None
    return new, loss.detach()
