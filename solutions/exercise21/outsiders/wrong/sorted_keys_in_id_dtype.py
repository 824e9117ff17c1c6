# fails: any_shape: the keys for sorting are products of ids and their number, which overflow int32
import torch
from torch import Tensor


@torch.no_grad()
def sparse_step(weight: Tensor, idx: Tensor, grad_output: Tensor, lr: float) -> None:
    count = idx.numel()
    if count == 0:
        return
    ids = idx.reshape(-1)
    keys = (ids * count + torch.arange(count, dtype=ids.dtype, device=ids.device)).sort().values
    used, place = (keys // count).unique_consecutive(return_inverse=True)
    grad = grad_output.reshape(count, weight.shape[1])[(keys % count).long()]
    total = grad.new_zeros(len(used), grad.shape[1]).index_add_(0, place, grad)
    weight[used.long()] -= lr * total
