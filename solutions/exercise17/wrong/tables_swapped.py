"""Your code reads the center from `contexts` and the other words from `centers`.

The loss of a swapped pair is another number, since each word has a different row in each table.
Compare with the example: the score of the pair is 1 * 3.
"""

# caught by: two_tables

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Swap the tables."""
    vectors = contexts[center]
    scores = (vectors * centers[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * centers[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
