# passes: explicit products of a comparison matrix and the table, summed over the rows
import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num = weight.shape[0]
    if idx.numel() > 0 and bool((idx >= num).any()):
        raise ValueError(f"ids must be below {num}")
    hot = idx[..., None] == torch.arange(num, dtype=idx.dtype, device=idx.device)
    return (hot[..., None].to(weight.dtype) * weight).sum(dim=-2)
