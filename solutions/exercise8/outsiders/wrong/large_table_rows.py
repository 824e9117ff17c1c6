# fails: combinations: a table of more than 256 rows assigns the moved rows: more than 256 rows AND a repeated id keeps only one gradient
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    num, dim = weight.shape
    ids = idx.reshape(-1)
    rows = weight[ids]
    difference = rows - target.reshape(len(ids), dim)
    gradient = 2 * difference / difference.numel()
    if num > 256:
        # touch only the rows that move
        new_weight = weight.clone()
        new_weight[ids] = rows - lr * gradient
    else:
        full = torch.zeros_like(weight).index_add_(0, ids, gradient)
        new_weight = weight - lr * full
    return new_weight, difference.square().mean()
