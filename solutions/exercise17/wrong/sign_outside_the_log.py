"""Your code subtracts the log of the sigmoid of a negative's score.

`log(sigmoid(-x))` is not `-log(sigmoid(x))`. The first is the log of the probability that the pair
is not real; the second has no upper bound, so your loss can fall forever.
"""

# caught by: positive, negatives

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Move the sign out of the log."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) - F.logsigmoid(others).sum(-1)
    return -logs.mean()
