"""Your code works for one list of pairs, but not for ids of other shapes.

`torch.bmm` needs three dimensions, so `center` must have one. Multiply and add up along the last
dimension, which works for any number of dimensions before it.
"""

# caught by: any_shape

import torch
from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Use a batched product."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = torch.bmm(contexts[negatives], vectors.unsqueeze(2)).squeeze(2)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
