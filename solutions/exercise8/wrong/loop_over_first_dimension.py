"""Your loop takes each item of `idx` for one id, and with two dimensions it is a row of them.

For a plain list of ids all is well. With sentences, the loop variable is a whole sentence, and
of an id that occurs twice in it one step is lost. A single id, of no dimensions, can't be
walked over at all.
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
