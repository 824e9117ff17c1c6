"""Your code divides the rows by their lengths before it multiplies them.

The score is the plain dot product, so the length of a row matters while it is trained. A cosine
lies between -1 and 1, so no pair could get a probability above 0.74.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Use the cosine."""
    vectors = centers[center]
    scores = F.cosine_similarity(vectors, contexts[context], dim=-1)
    others = F.cosine_similarity(vectors.unsqueeze(-2), contexts[negatives], dim=-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
