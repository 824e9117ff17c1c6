"""Your code works until the ids are a transposed or expanded tensor.

`view` only works where the numbers lie in memory in the right order. `reshape` copies them if
they do not. You may not need either: a table can be indexed with ids of any shape.
"""

# caught by: any_shape

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Flatten with view."""
    center, context, negatives = (
        center.view(-1),
        context.view(-1),
        negatives.view(-1, negatives.shape[-1]),
    )
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
