"""Both of your results require a gradient.

They should be plain numbers. A result requires a gradient if autograd recorded how it was computed
from a tensor that does. A tensor that learns requires one too, such as a Parameter, however you
change its numbers. Compute the step without recording it, and detach what you return.

Print `requires_grad` and `grad_fn` of both results.
"""

# caught by: no_graph

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Detach nothing."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return table - lr * table.grad, loss
