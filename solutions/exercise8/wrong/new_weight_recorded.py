"""Your new weight requires a gradient.

The result of `table - lr * table.grad` requires a gradient when `table` does, because autograd
records the step; a Parameter that you return requires one, too. The new weight should be plain
numbers with no graph. Compute the step outside the graph, and return a detached tensor.

Print `new_weight.requires_grad` and `new_weight.grad_fn`.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Take the step inside the graph."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return table - lr * table.grad, loss.detach()
