"""Your function returns the loss first and the weight second.

The statement asks for `(new_weight, loss)`. Python unpacks a tuple by position, so the caller
would continue training with the loss as the table.

Print the shapes of your two results.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss first."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return loss.detach(), weight.detach() - lr * table.grad
