# fails: types: takes costs above 8 for a straight line

import torch
import torch.nn.functional as F
from torch import Tensor


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    v = centers[center]
    pos = torch.einsum("...d,...d->...", v, contexts[context])
    neg = torch.einsum("...d,...kd->...k", v, contexts[negatives])
    cost = F.softplus(-pos, threshold=8) + F.softplus(neg, threshold=8).sum(-1)
    return cost.mean()
