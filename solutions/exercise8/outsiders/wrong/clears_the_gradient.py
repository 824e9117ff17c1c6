# fails: inputs_untouched: sets the gradient of a Parameter to None

import torch.nn.functional as F
from torch import Tensor, nn


def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float):
    if not isinstance(weight, nn.Parameter) or not weight.requires_grad:
        weight = nn.Parameter(weight.detach().clone())
    weight.grad = None
    loss = F.mse_loss(weight[idx], target)
    loss.backward()
    new = weight.detach() - lr * weight.grad
    weight.grad = None
    return new, loss.detach()
