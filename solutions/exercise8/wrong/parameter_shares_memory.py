"""Your code makes the step in the caller's memory and returns a tensor that requires a gradient.

`nn.Parameter(weight)`, `.data` and `.detach()` make another tensor that shares the memory of
`weight`. So the caller's numbers move with the step. The function returns a new weight of plain
numbers and leaves the old one unchanged.

Print `weight` before and after the call, and `requires_grad` of both results.
"""

# caught by: no_graph

import torch
from torch import nn
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Make a Parameter of the caller's memory."""
    table = nn.Parameter(weight)
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    with torch.no_grad():
        table -= lr * table.grad
    return table, loss
