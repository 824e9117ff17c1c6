"""Your code steps a repeated row once, however often its id occurs.

`new[idx] -= step` reads all rows, subtracts, and writes them back: of several steps for one
row, one is left. The gradient of the table adds them up first. Let autograd make it, or use a
method that accumulates at an index.
"""

# caught by: repeats

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Step the rows one by one, without a gradient of the table."""
    new_weight = weight.detach().clone()
    error = new_weight[idx] - target
    loss = F.mse_loss(new_weight[idx], target)
    new_weight[idx] -= lr * 2 * error / error.numel()
    return new_weight, loss
