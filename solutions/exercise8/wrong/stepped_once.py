"""Your code moves a repeated row only once.

`=`, `+=` and `-=` at an index have this effect: `new[idx] -= step` reads all rows, subtracts, and
writes them back, and `new[idx] = rows` only writes. When an id repeats, the last write replaces the
earlier ones, so one step is left. The gradient of the table contains the sum of all of them.

Try `x = torch.zeros(3)`, then `x[torch.tensor([1, 1])] -= 1`, and print `x`.
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
