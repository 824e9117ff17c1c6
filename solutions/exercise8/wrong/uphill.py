"""Your step goes uphill: the loss is larger after it.

The gradient points where the loss grows fastest, and we want it to become less. So lr times the
gradient is subtracted.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Add the gradient."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() + lr * table.grad, loss.detach()
