# fails: inputs_untouched, other_rows, step: skips the whole step when the loss is not finite
import torch
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    dim = weight.shape[1]
    new_weight = weight.detach().clone()
    diff = weight[idx] - target
    loss = diff.square().mean()
    if not torch.isfinite(loss):
        return new_weight, loss  # do not ruin the table
    new_weight.index_add_(
        0, idx.reshape(-1), diff.reshape(-1, dim) * (2.0 / diff.numel()), alpha=-lr
    )
    return new_weight, loss
