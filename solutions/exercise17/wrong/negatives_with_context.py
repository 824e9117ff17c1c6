"""Your code scores the negatives with the context, not with the center.

A negative stands where the context stood: it is a word that was not near this center. So both get
a score with the same row of `centers`. With your code, two rows of `contexts` are multiplied.
"""

# caught by: negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Multiply contexts by contexts."""
    near = contexts[context]
    scores = (centers[center] * near).sum(-1)
    others = (near.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
