"""Your step also pulls every row a little toward zero, even rows that have no id.

This is weight decay: it subtracts `lr * decay * weight` in addition. Many optimizers offer it,
but plain SGD does not use it by default. With decay, the rows of rare ids shrink toward zero.

Print `new_weight - weight`: it should be zero in every row that has no id.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Add weight decay."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() * (1 - lr * 0.01) - lr * table.grad, loss.detach()
