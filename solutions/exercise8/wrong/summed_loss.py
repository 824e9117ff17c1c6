"""Your loss is a sum instead of a mean, so your step is too large.

A sum grows with the number of ids and with dim, and so does its gradient. The same lr would
then be far too large for a big batch. The mean divides by the number of squared errors.

Compare your loss with `F.mse_loss(weight[idx], target)`.
"""

# caught by: loss


def train_step(weight, idx, target, lr):
    """Sum the squared errors."""
    table = weight.detach().clone().requires_grad_()
    loss = (table[idx] - target).square().sum()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
