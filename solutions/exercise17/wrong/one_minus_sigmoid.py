"""Your code takes the log of `1 - sigmoid(score)`, which is infinite for large scores.

In float32 the sigmoid of 20 is exactly 1. `1 - sigmoid(x)` equals `sigmoid(-x)`, whose log PyTorch
can compute without this rounding.
"""

# caught by: large

import torch
from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Subtract from one."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + torch.log(1 - torch.sigmoid(others)).sum(-1)
    return -logs.mean()
