# fails: target: a 0-d target is looked up in the whole table without a check, so a 0-d target that names a spare row raises nothing
import torch
from torch import Tensor
from torch.nn import functional as F


def padded_size(num: int, multiple: int) -> int:
    return -(-num // multiple) * multiple


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    if target.dim() == 0:
        total = torch.logsumexp(weight[:num] @ hidden, 0)
        return total - weight[target] @ hidden
    scores = F.linear(hidden, weight[:num]).reshape(-1, num)
    return F.cross_entropy(scores, target.reshape(-1))
