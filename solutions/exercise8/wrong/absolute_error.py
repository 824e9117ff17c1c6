"""Your loss takes absolute errors, and squared ones were asked for.

`F.l1_loss` and `.abs()` count an error of 2 twice as much as one of 1, the square four times.
Their gradients differ even more: the absolute error always pulls with the same force, however
far the row is off.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Use the absolute error."""
    table = weight.detach().clone().requires_grad_()
    loss = F.l1_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
