"""Your code takes a step after each id, so a repeated id sees a row that has already moved.

A batch is one step: measure all errors with the old weight, then move all rows at once. When an
id repeats, your second error differs from the right one, and the result depends on the order of
the ids.

Try `idx = torch.tensor([1, 1])` with two different targets, then swap the targets.
"""

# caught by: repeats

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take a step after each id."""
    weight = weight.detach()
    new_weight = weight.clone()
    dim = weight.shape[1]
    for number, wanted in zip(idx.reshape(-1).tolist(), target.reshape(-1, dim), strict=True):
        error = new_weight[number] - wanted
        new_weight[number] = new_weight[number] - lr * 2 * error / target.numel()
    return new_weight, F.mse_loss(weight[idx], target)
