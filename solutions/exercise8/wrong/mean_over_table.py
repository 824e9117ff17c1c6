"""Your loss divides by the size of the whole table.

Only the looked-up rows have an error, so the mean is over their numbers. The other rows have
nothing to do with this batch, and adding rows to the table should not change the loss.

Compare your loss with `F.mse_loss(weight[idx], target)`.
"""

# caught by: loss


def train_step(weight, idx, target, lr):
    """Divide by the size of the table."""
    table = weight.detach().clone().requires_grad_()
    loss = (table[idx] - target).square().sum() / weight.numel()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
