# passes: autograd on a detached copy with grad mode on
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    w = weight.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        loss = F.mse_loss(F.embedding(idx, w), target.detach())
        (g,) = torch.autograd.grad(loss, w)
    return w.detach() - lr * g, loss.detach()
