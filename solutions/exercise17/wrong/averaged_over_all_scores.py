"""Your code divides by the number of all scores, and not by the number of pairs.

Each pair has one score for its context and one for each of its negatives. The statement adds
these up, and takes the mean over the pairs only.
"""

# caught by: positive

import torch
from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Average over contexts and negatives."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = torch.cat([F.logsigmoid(scores).unsqueeze(-1), F.logsigmoid(-others)], -1)
    return -logs.mean()
