"""Your code takes the mean over the negatives of a pair; the statement asks for their sum.

With five negatives your loss weighs them a fifth as much. Both losses are in use, but they give
different tables. Compare with the example, in which both negatives count fully.
"""

# caught by: negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Average over the negatives."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).mean(-1)
    return -logs.mean()
