"""Your code scores each center with the context of every pair.

A product such as `a @ b.T` has a number for each center and each context. Only those on its
diagonal belong to a pair. To multiply row by row, use `(a * b).sum(-1)`.
"""

# caught by: positive

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Take all scores of a batch."""
    vectors = centers[center]
    scores = vectors.reshape(-1, vectors.shape[-1]) @ contexts[context.reshape(-1)].T
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores).mean() + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
