"""Both of your results require a gradient.

The weight that learns requires one, so autograd records the loss and the step, too. Each result
then keeps its graph in memory, and the next step would begin inside of it. Compute the step
outside the graph, and detach the loss.

Print `requires_grad` of both results.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Detach nothing."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return table - lr * table.grad, loss
