# fails: inputs_untouched: the old gradient of a Parameter is part of the step

import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    p = weight.detach().clone().requires_grad_()
    if weight.grad is not None:
        p.grad = weight.grad.clone()
    loss = F.mse_loss(p[idx], target)
    loss.backward()
    return p.detach() - lr * p.grad, loss.detach()
