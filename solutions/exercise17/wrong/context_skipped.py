"""Your code leaves out a negative that equals the context.

The statement counts every negative. A random draw seldom hits the context, so most programs save
the comparison.
"""

# caught by: negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Skip negatives that are the context."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(-others).masked_fill(negatives == context.unsqueeze(-1), 0).sum(-1)
    return -(F.logsigmoid(scores) + logs).mean()
