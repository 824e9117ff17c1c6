# passes: torch.func.grad_and_value of a pure loss function
import torch


def train_step(weight, idx, target, lr):
    i, t = idx.long(), target.detach()
    f = lambda w: (w[i] - t).square().mean()
    g, loss = torch.func.grad_and_value(f)(weight.detach().clone())
    return torch.sub(weight.detach(), g, alpha=lr), loss.detach()
