"""Your step is half as long as it should be.

The derivative of e² is 2e, so the gradient contains a factor 2. Some books put 1/2 in front of
the loss to cancel it, but `F.mse_loss` does not.

If you compute the gradient by hand, compare it with the gradient from `.backward()`.
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
