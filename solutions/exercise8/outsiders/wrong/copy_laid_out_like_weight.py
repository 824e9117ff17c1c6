# fails: inputs_untouched: the copy of an expanded weight has its stride of 0, so several numbers share memory, and writing to it raises an error
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    """Take one step of SGD on the mean squared error of the looked-up rows."""
    new_weight = torch.empty_strided(
        weight.size(), weight.stride(), dtype=weight.dtype, device=weight.device
    )
    new_weight.copy_(weight)
    ids = idx.reshape(-1).long()
    error = weight[ids] - target.reshape(ids.numel(), -1)
    ids, place = ids.unique(return_inverse=True)
    grad = error.new_zeros(ids.numel(), weight.shape[1])
    grad.index_add_(0, place, error * (2 / error.numel()))
    for i, row in zip(ids.tolist(), grad):
        new_weight[i] -= lr * row
    return new_weight, error.square().mean()
