# fails: inputs_untouched: calls backward on the given Parameter, so weight.grad changes and an old grad is added in
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    if not weight.requires_grad:
        w = weight.clone().requires_grad_(True)
    else:
        w = weight
    loss = F.mse_loss(w[idx.long()], target)
    loss.backward()
    return (w.detach() - lr * w.grad).clone(), loss.detach()
