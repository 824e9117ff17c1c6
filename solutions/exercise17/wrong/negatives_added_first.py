"""Your code adds up the scores of the negatives before it takes the log of the sigmoid.

Each negative has its own sigmoid. In a sum of scores, a very negative one hides a positive one.
Take the log of the sigmoid first, then the sum.
"""

# caught by: negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Add up scores, not losses."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others.sum(-1)) + 0
    return -logs.mean()
