"""Your code steps after each id, so that the second use of a row sees it moved already.

A batch is one step: all errors are measured at the weight as it was, and then everything moves
at once. Where an id occurs twice, your second error is smaller than it should be, and the
result depends on the order of the ids.
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
