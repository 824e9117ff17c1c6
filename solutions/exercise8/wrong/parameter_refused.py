"""Your code works for a plain tensor and stops at a Parameter.

`weight.clone()` of a tensor that requires a gradient is a step in its graph and no leaf:
`requires_grad_()` does nothing to it, and its `.grad` stays None. With `.detach()` before it,
the copy begins anew whatever weight is.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Clone without detaching."""
    table = weight.clone()
    table.requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss.detach()
