"""Your results still hang on the graph that made them.

A loss that requires a gradient keeps every tensor of its forward pass alive. Collected over
thousands of steps, these fill the memory. What is only to be looked at or stored should be
detached.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss with its graph."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss
