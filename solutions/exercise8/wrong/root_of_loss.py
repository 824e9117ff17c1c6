"""Your loss is the root of the mean squared error.

The root brings the error back to the unit of the numbers, which is nice to read, but it is
another loss with another gradient. Mean squared error stops at the mean.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take the root."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target).sqrt()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
