"""Your code writes the targets into the table instead of taking a step.

The loss of this batch would become zero at once. But the next batch has other targets for the
same ids, and an id with two different targets cannot match both. A step of lr times the
gradient moves each row only part of the way.

Call your function with `lr=0.0`: the weight should not change.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Write the targets into the rows."""
    weight = weight.detach()
    new_weight = weight.clone()
    new_weight[idx] = target
    return new_weight, F.mse_loss(weight[idx], target)
