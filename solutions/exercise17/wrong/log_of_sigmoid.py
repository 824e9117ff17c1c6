"""Your loss is infinite or nan for large scores.

In float32 the sigmoid of -200 is exactly 0, and the log of 0 is infinite. PyTorch has a function
for the log of the sigmoid, which computes both in one step and stays finite.
"""

# caught by: large

import torch


def sgns_loss(centers, contexts, center, context, negatives):
    """Take the log of a rounded sigmoid."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = torch.sigmoid(scores).log() + torch.sigmoid(-others).log().sum(-1)
    return -logs.mean()
