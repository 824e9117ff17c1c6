"""Your step pulls all rows a little towards zero, those too that nobody asked for.

That is weight decay: `lr * decay * weight` is subtracted on top. It is an option of many
optimisers and off in plain SGD. With it an embedding forgets the words that are rare.
"""

# caught by: step

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    """Add weight decay."""
    table = weight.detach().clone().requires_grad_()
    loss = F.mse_loss(table[idx], target)
    loss.backward()
    return weight.detach() * (1 - lr * 0.01) - lr * table.grad, loss.detach()
