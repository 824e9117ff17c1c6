"""Your code adds up sigmoids without their logarithm.

A sigmoid is a probability. The loss is minus its log: it stays small while the probability is
near 1 and grows without bound as it goes to 0, so that bad pairs have a strong gradient.
"""

# caught by: positive

import torch


def sgns_loss(centers, contexts, center, context, negatives):
    """Leave out the log."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = torch.sigmoid(scores) + torch.sigmoid(-others).sum(-1)
    return -logs.mean()
