# fails: step, any_shape: squeeze() makes the rows (n,) for dim 1, which then broadcast against the (n, 1) target
import warnings
import torch


def train_step(weight, idx, target, lr):
    w = weight.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        rows = w[idx.long()].squeeze()
        loss = ((rows - target.detach()) ** 2).mean()
    (g,) = torch.autograd.grad(loss, w)
    return (w - lr * g).detach(), loss.detach()
