"""Exercise 17: meaning from neighbors."""

from torch import Tensor
from torch.nn import functional as F


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    """Return the loss of skip-gram with negative sampling, the mean over all pairs."""
    vectors = centers[center]
    scores = (vectors * contexts[context]).sum(-1)
    others = (vectors.unsqueeze(-2) * contexts[negatives]).sum(-1)
    logs = F.logsigmoid(scores) + F.logsigmoid(-others).sum(-1)
    return -logs.mean()
