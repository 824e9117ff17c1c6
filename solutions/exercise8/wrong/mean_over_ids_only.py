"""Your loss divides by the number of ids instead of the number of errors.

Distances are often summed over the coordinates and averaged over the examples. The mean squared
error averages over both: for ids of shape (3,) and dim 4 there are 12 squared errors.

Compare your loss with `F.mse_loss(weight[idx], target)`.
"""

# caught by: loss


def train_step(weight, idx, target, lr):
    """Sum over the row, average over the ids."""
    table = weight.detach().clone().requires_grad_()
    loss = (table[idx] - target).square().sum(-1).mean()
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
