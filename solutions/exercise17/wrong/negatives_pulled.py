"""Your code treats a negative like a context: its sign is missing.

A negative is a random word, so its score should fall. Your loss falls if it rises. Then the
cheapest table gives all words the same row.
"""

# caught by: negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Forget the sign of the negatives."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(others).sum(-1)
    return -logs.mean()
