"""Your loss is right, but `contexts` gets no gradient at all.

Both tables are trained together: each pair moves the row of its center and the rows of its
context and its negatives. `.data`, `.detach()` and `torch.no_grad()` cut the gradient.
"""

# caught by: gradient

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Detach the second table."""
    contexts = contexts.detach()
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
