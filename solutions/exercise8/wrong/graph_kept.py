"""Your results are still connected to the graph that produced them.

After `backward()` PyTorch frees the saved tensors of the forward pass. But a loss that requires
a gradient still keeps the graph's nodes, the table and its gradient in memory. If you collect
such losses, every step adds at least one tensor as large as the table.

Print `requires_grad` of both results, and detach what you return.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Return the loss with its graph."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() - lr * table.grad, loss
