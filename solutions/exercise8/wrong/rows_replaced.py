"""Your code puts the targets into the table, and a step only goes a part of the way.

It looks like training finished at once: the loss would be zero. But the next batch has other
targets for the same ids, and an id with two different targets can't have both. With lr times
the gradient, each of them pulls a little.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Write the targets into the rows."""
    weight = weight.detach()
    new_weight = weight.clone()
    new_weight[idx] = target
    return new_weight, F.mse_loss(weight[idx], target)
