"""Your loss is the sum over the pairs, not their mean.

A sum grows with the number of pairs, and so does its gradient. A mean keeps the size of a step
the same for every batch size. The negatives of one pair are still summed.
"""

# caught by: loss

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Add up the pairs."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.sum()
