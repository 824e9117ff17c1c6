# fails: large: the loss is the logarithm of a product, which overflows for many scores of 15
import torch
from torch import Tensor
from torch.nn import functional as F


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    rows = centers[center]
    good = (rows * contexts[context]).sum(-1, keepdim=True)
    bad = (rows.unsqueeze(-2) * contexts[negatives]).sum(-1)
    x = torch.cat([-good, bad], -1)
    if bool((x.abs() < 20).all()):
        # log(1 + a) + log(1 + b) is log((1 + a) * (1 + b)): one log per pair
        cost = (1 + x.exp()).prod(-1).log()
    else:
        cost = F.softplus(x).sum(-1)
    return cost.mean()
