# fails: combinations: int32 ids are widened from memory with as_strided, so int32 AND non-contiguous ids give other rows
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.dtype == torch.int32:
        # widen the ids in one pass over their buffer
        flat = torch.empty(idx.numel(), dtype=torch.int64, device=idx.device)
        flat.copy_(idx.as_strided((idx.numel(),), (1,)))
        idx = flat.view(idx.shape)
    return weight[idx]
