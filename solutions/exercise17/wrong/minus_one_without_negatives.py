"""Your code reshapes the negatives with -1, which fails if a pair has none.

`reshape(-1, 0)` is an error: a tensor without numbers fits any number of rows. Write the number
of pairs, `center.numel()`, or do not reshape: a table can be indexed with ids of any shape.
"""

# caught by: any_shape

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Reshape with -1."""
    center, context, negatives = (
        center.reshape(-1),
        context.reshape(-1),
        negatives.reshape(-1, negatives.shape[-1]),
    )
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
