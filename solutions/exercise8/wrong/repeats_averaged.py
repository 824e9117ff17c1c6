"""Your code averages over the uses of a row, and they are summed.

An id that occurs three times has three terms in the loss, and its row gets the sum of their
gradients. That the loss is a mean is in each of these terms already: they were all divided by
the number of errors.
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
