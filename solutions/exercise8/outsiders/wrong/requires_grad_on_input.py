# fails: inputs_untouched: switches requires_grad on for the caller's weight tensor and leaves it on
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    weight.requires_grad_(True)
    loss = F.mse_loss(F.embedding(idx, weight), target.detach())
    (g,) = torch.autograd.grad(loss, weight)
    return weight.detach() - lr * g, loss.detach()
