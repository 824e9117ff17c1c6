"""Your loss is the square root of the mean squared error.

The root has the same unit as the numbers, so it is easier to read. But it is another loss with
another gradient. The mean squared error has no root.

Compare your loss with `F.mse_loss(weight[idx], target)`.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take the root."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target).sqrt()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
