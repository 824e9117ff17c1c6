"""Your code works for a plain tensor but fails for a Parameter.

`weight.clone()` of a tensor that requires a gradient is not a leaf: it is part of weight's
graph. `requires_grad_()` changes nothing, and its `.grad` stays None. A detached tensor starts
a new graph.

Print `table.is_leaf` for the tensor on which you call `requires_grad_()`.
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
