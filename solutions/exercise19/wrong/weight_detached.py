"""Your loss is right, but no gradient reaches the table.

`.data` and `.detach()` share the numbers of `weight` without its graph, so the words' rows never
learn. Slicing with `weight[:num]` keeps the graph. After `backward()`, print `weight.grad`: it
should not be None.
"""

# caught by: real_gradient

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Cut the table off."""
    scores = hidden @ weight.detach()[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
