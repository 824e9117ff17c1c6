"""Your loss is that of the new weight, and asked for is the one before the step.

The loss that belongs to a step is the one whose gradient it took. Evaluating again with the new
weight is a second forward pass, and its result is what the next step begins with.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Measure the loss again after the step."""
    table = weight.detach().clone().requires_grad_()
    F.mse_loss(table[idx], target).backward()
    new_weight = weight.detach() - lr * table.grad
    return new_weight, F.mse_loss(new_weight[idx], target)
