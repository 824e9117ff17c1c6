"""Your code moves the rows in the caller's own weight.

An optimiser does so with its parameters. Here the new weight is returned and the old one should
be as before, to be compared or used again. `-=`, `sub_` and what is written into `.data` all
change the tensor that was handed over, and a layer made by
`nn.Embedding.from_pretrained(weight)` shares its memory; `weight - step` is a new tensor.
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
