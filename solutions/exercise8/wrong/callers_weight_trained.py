"""Your code makes the step in the caller's weight and returns a tensor that requires a gradient.

`nn.Parameter(weight)`, `.data` and `.detach()` share the memory of `weight`, and
`requires_grad_()` changes `weight` itself. So the caller's numbers move with the step. The function
returns a new weight of plain numbers and leaves the old one unchanged.

Print `weight` before and after the call, and `requires_grad` of both results.
"""

# caught by: no_graph

import torch
from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Train the caller's weight."""
    weight.requires_grad_()
    loss = F.mse_loss(weight[idx], target)
    loss.backward()
    with torch.no_grad():
        weight -= lr * weight.grad
    return weight, loss
