"""Your code clamps the scores, so larger ones cost no more and have no gradient.

The statement asks for the right loss for scores in the thousands. PyTorch has a function for the
log of the sigmoid that needs no clamp.
"""

# caught by: large

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Clamp the scores."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1).clamp(-30, 30)
    logs = F.logsigmoid(scores.clamp(-30, 30)) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
