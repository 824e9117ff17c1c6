# fails: types: softplus is a straight line above 15, where float64 still sees a difference
import torch
from torch import Tensor
from torch.nn import functional as F


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    rows = centers[center]
    good = (rows * contexts[context]).sum(-1)
    bad = (rows.unsqueeze(-2) * contexts[negatives]).sum(-1)
    cost = F.softplus(-good, threshold=15.0) + F.softplus(bad, threshold=15.0).sum(-1)
    return cost.mean()
