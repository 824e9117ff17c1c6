"""Your loss is computed with the new weight, after the step.

The loss of a step is the one whose gradient the step uses. A loss computed with the new weight
needs a second forward pass, and it belongs to the next step.

Call your function with `lr=0.0` and with `lr=1.0`: the loss should be the same.
"""

# caught by: loss

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Measure the loss again after the step."""
    table = weight.detach().clone().requires_grad_()
    F.mse_loss(table[idx], target).backward()
    new_weight = weight.detach() - lr * table.grad
    return new_weight, F.mse_loss(new_weight[idx], target)
