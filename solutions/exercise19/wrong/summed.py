"""Your loss is the sum over the targets. The mean divides it by their number.

The size of a sum, and of its gradients, depends on the length of the text, so a learning rate
that fits short texts is too large for long ones. By default `F.cross_entropy` returns the mean.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Add up."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1), reduction="sum")
