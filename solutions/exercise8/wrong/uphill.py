"""Your step increases the loss instead of reducing it.

The gradient points in the direction in which the loss grows fastest. To reduce the loss, move
the other way.

Compute the loss before and after a step with a small lr.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Add the gradient."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() + lr * table.grad, loss.detach()
