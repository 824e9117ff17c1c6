"""Your code averages the gradients of a repeated id instead of adding them.

An id that occurs three times has three terms in the loss, so its row gets the sum of three
gradients. The mean in the loss is already included: each term was divided by the number of
errors.

Try `idx = torch.tensor([1, 1])` and compare your step with the gradient from `.backward()`.
"""

# caught by: repeats

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Divide each row's gradient by how often its id occurs."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    counts = torch.bincount(idx.reshape(-1), minlength=len(weight)).clamp(min=1)
    return weight.detach() - lr * table.grad / counts.unsqueeze(-1).to(weight.dtype), loss.detach()
