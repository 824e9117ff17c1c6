"""Your code averages the products of a pair's numbers where it should add them up.

A dot product is a sum: with 4 columns, your score is a quarter of it. Compute the score of the
example by hand, then of two rows with two numbers each.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Average over the columns."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).mean(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).mean(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
