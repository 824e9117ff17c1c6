"""Your new weight remembers how it came about: the step was recorded like a part of the model.

`table - lr * table.grad` is computed from a tensor that requires a gradient, so the result does
too. The next step would begin with a tensor that is no leaf, and each step would hang on all
earlier ones. A step is taken outside of the graph, under `torch.no_grad()`.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take the step inside the graph."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return table - lr * table.grad, loss.detach()
