"""Your loss is negative: it lacks the minus sign.

The log of a probability is at most 0. Training makes the loss smaller, so the loss must be minus
the log: then a smaller loss means a higher probability. Compare with the example: 0.0486 belongs
to a score of 3.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Return the mean of the logs."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return logs.mean()
