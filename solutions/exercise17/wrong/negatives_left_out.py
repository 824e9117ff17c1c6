"""Your loss leaves out the negatives.

With the contexts alone, the loss is smallest if every score is large, so all words can have the
same row. The negatives lower the scores of random pairs. A pair without negatives, whose `count` is
0, costs what your code returns.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Score the contexts only."""
    scores = (centers[center] * contexts[context]).sum(-1)
    return -F.logsigmoid(scores).mean()
