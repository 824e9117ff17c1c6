"""Your two results come in the other order: the loss first.

Asked for is `(new_weight, loss)`. Python unpacks by position and not by name, so the caller
would go on training with the loss for a table.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss first."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return loss.detach(), weight.detach() - lr * table.grad
