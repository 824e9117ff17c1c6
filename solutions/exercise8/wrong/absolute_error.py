"""Your loss takes absolute errors instead of squared errors.

`F.l1_loss` and `.abs()` count an error of 2 twice as much as an error of 1; the square counts
it four times as much. The gradients differ even more: for an absolute error, the gradient has
the same size however large the error is.

Compute the loss of the single error 3 by hand: it should be 9.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Use the absolute error."""
    table = weight.detach().clone().requires_grad_()
    loss = F.l1_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
