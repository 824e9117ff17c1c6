"""Your code calls backward on the caller's weight and leaves a gradient in it.

`.backward()` adds to `weight.grad`. A gradient that was already there changes your step, and
the one you leave changes the next step. This is why training loops call `zero_grad()`.

Call your function twice with the same weight and print `weight.grad` each time.
"""

# caught by: inputs_untouched

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Call backward on the caller's weight."""
    weight.requires_grad_()
    loss = F.mse_loss(weight[idx], target)
    loss.backward()
    return weight.detach() - lr * weight.grad, loss.detach()
