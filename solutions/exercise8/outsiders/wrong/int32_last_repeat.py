# fails: any_shape, combinations: the int32 branch subtracts with an index assignment: int32 ids AND a repeated id keeps only one gradient
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    num, dim = weight.shape
    difference = weight[idx] - target
    loss = difference.square().mean()
    step = (-2 * lr / difference.numel()) * difference.reshape(-1, dim)
    new_weight = weight.clone(memory_format=torch.contiguous_format)
    if idx.dtype == torch.int64:
        new_weight.scatter_add_(0, idx.reshape(-1, 1).expand(-1, dim), step)
    else:
        # scatter_add_ takes only int64
        new_weight[idx.reshape(-1)] += step
    return new_weight, loss
