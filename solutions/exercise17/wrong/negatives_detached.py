"""Your loss is right, but no gradient reaches `contexts` through the negatives.

The negatives must be pushed away from the center. Without their gradient, only the center moves
away from them, and their own rows never learn. `.data`, `.detach()` and `torch.no_grad()` cut the
gradient.
"""

# caught by: gradient

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Detach the negatives."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives].detach()).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
