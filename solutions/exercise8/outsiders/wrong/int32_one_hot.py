# fails: combinations: the int32 branch adds up by a one-hot product: int32 ids AND an infinite target gives nan in rows without an id
import torch
import torch.nn.functional as F
from torch import Tensor


@torch.no_grad()
def train_step(weight: Tensor, idx: Tensor, target: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    num, dim = weight.shape
    rows = weight[idx]
    loss = F.mse_loss(rows, target)
    grad = ((rows - target) * (2 / target.numel())).reshape(-1, dim)
    if idx.dtype == torch.int32:
        hot = F.one_hot(idx.reshape(-1).long(), num).to(weight.dtype)
        step = hot.T @ grad
    else:
        step = torch.zeros_like(weight).index_add_(0, idx.reshape(-1), grad)
    return weight - lr * step, loss
