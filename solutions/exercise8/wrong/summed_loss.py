"""Your loss is a sum where a mean was asked for, and so your step is too large.

A sum grows with the number of ids and with dim, and the gradient grows along: the same lr would
be far too large for a big batch. `F.mse_loss` and `.mean()` divide by the number of all the
numbers that were summed.
"""

# caught by: loss


def train_step(weight, idx, target, lr):
    """Sum the squared errors."""
    table = weight.detach().clone().requires_grad_()
    loss = (table[idx] - target).square().sum()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
