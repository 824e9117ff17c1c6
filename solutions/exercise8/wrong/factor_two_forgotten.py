"""Your step is half as long as it should be: the derivative of a square brings a factor 2.

For an error e, the derivative of e² is 2e. Some books put a 1/2 before the loss to make it
vanish; `F.mse_loss` doesn't. If you compute the gradient by hand, compare it with what
`.backward()` gives.
"""

# caught by: step

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Compute the gradient by hand, without the factor 2."""
    weight = weight.detach()
    error = weight[idx] - target
    gradient = torch.zeros_like(weight)
    gradient.index_put_((idx.long(),), error / error.numel(), accumulate=True)
    return weight - lr * gradient, F.mse_loss(weight[idx], target)
