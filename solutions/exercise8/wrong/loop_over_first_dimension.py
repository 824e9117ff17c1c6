"""Your loop treats each item of `idx` as one id.

This works for a flat list of ids. For ids of shape (2, 5) the loop variable is a whole row of
ids, and an id that occurs twice in it loses one of its gradients. A 0-d tensor cannot be
iterated over at all.

Try `idx = torch.tensor([[1, 1], [2, 0]])` and compare it with the flattened ids.
"""

# caught by: any_shape

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Add up gradients in a loop over the first dimension."""
    weight = weight.detach()
    error = weight[idx] - target
    gradient = torch.zeros_like(weight)
    for i, row in enumerate(idx):
        gradient[row] += 2 * error[i] / error.numel()
    return weight - lr * gradient, F.mse_loss(weight[idx], target)
