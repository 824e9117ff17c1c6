"""Your code reads the negatives from `centers`.

A negative takes the place of the context, so its row comes from the same table, `contexts`. Only
the word in the center has its row in `centers`.
"""

# caught by: two_tables

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Read the negatives from the wrong table."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * centers[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
