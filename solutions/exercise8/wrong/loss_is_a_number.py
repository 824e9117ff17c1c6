"""Your loss is a Python number instead of a tensor.

`.item()` is useful for printing, but a Python number has no dtype and no device, and you cannot
stack the losses of several steps. `.detach()` returns a tensor without a graph.

Print `type(loss)` for the loss that you return.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss as a float."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.item()
