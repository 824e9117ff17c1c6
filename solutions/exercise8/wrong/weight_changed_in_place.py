"""Your code changes the caller's weight in place.

Optimizers change their parameters in place, but this function returns a new weight and leaves
the old one unchanged. `-=`, `sub_` and writing into `.data` or `.detach()` all change the
caller's tensor. A layer made by `nn.Embedding.from_pretrained(weight)` shares its memory.

Print `weight` before and after the call.
"""

# caught by: inputs_untouched

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Move the caller's rows."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    with torch.no_grad():
        weight -= lr * table.grad
    return weight.detach(), loss.detach()
