"""Your loss is a plain Python number, and a tensor was asked for.

`.item()` is the right thing for printing. But it takes the value out of PyTorch: the number has
no dtype and no device, and losses of several steps can't be stacked. `.detach()` gives a tensor
without a graph.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss as a float."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.item()
