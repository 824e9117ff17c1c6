"""Your code uses the caller's weight as the leaf and leaves its gradient there.

`.backward()` adds to `weight.grad`: what was there before spoils your step, and what you leave
spoils the next one. That is why training loops call `zero_grad()`. A copy of your own has a
`.grad` of its own.
"""

# caught by: inputs_untouched

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Call backward on the caller's weight."""
    weight.requires_grad_()
    loss = F.mse_loss(weight[idx], target)
    loss.backward()
    return weight.detach() - lr * weight.grad, loss.detach()
