"""Your code computes in float32 for tables of any dtype.

`.float()` halves the digits of a float64 table. The operations of PyTorch keep the dtype by
themselves, so you need no conversion.
"""

# caught by: types

from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    """Convert the rows."""
    centers, contexts = centers.float(), contexts.float()
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
