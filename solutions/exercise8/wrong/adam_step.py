"""Your step ignores the size of a gradient: all numbers that have one move equally far.

Adam's first step does this: it divides each gradient by its own size. Plain SGD subtracts lr
times the gradient itself, so numbers with a larger error move further.

Print `(weight - new_weight) / lr` and compare it with the gradient.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take Adam's first step."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad / (table.grad.abs() + 1e-8), loss.detach()
