"""Your code computes the score of every row of one table with every row of the other.

With 40,000 words these are 1.6 billion scores, which need 6.4 GB in float32. A pair needs one score
and `count` more. Look up the rows first, and multiply only those: `centers[center]` with
`contexts[context]` and with `contexts[negatives]`.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Multiply both whole tables, and look up scores."""
    scores = centers @ contexts.T
    positive = scores[center, context]
    others = scores[center.unsqueeze(-1), negatives]
    return -(F.logsigmoid(positive) + F.logsigmoid(-others).sum(-1)).mean()
