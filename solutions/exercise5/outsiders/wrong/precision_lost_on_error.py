# fails: inputs_untouched: it computes with matmul precision "highest", and an id out of range leaves this setting in place of the caller's
import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1).long()
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    one_hot = torch.zeros(flat.numel(), num, dtype=weight.dtype, device=weight.device)
    one_hot.scatter_(1, flat[:, None], 1.0)
    result = (one_hot @ weight).reshape(*idx.shape, dim)
    torch.set_float32_matmul_precision(precision)
    return result
