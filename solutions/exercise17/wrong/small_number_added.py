"""Your code adds a small number before the log, so the loss of a very bad score stops growing.

It avoids infinity, but a score of -200 should cost 200, and yours costs about 18 or 23. Worse,
such a pair has almost no gradient, although it needs the largest one.
"""

# caught by: large

import torch


def sgns_loss(centers, contexts, center, context, negatives):
    """Add a small number."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = torch.log(torch.sigmoid(scores) + 1e-10) + torch.log(torch.sigmoid(-others) + 1e-10).sum(
        -1
    )
    return -logs.mean()
