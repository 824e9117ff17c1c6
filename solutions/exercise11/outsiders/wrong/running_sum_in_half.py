# fails: dtype: adds row after row in the dtype of the weight, so a float16 sum stops at 2048 (bfloat16 at 256)

import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode {mode!r}")
    out = []
    for ids in torch.tensor_split(idx, offsets[1:]):
        rows = weight[ids]
        if not len(ids):
            out.append(weight.new_zeros(weight.shape[1]))
            continue
        result = rows[0]
        for row in rows[1:]:
            result = torch.maximum(result, row) if mode == "max" else result + row
        out.append(result / len(ids) if mode == "mean" else result)
    return torch.stack(out)
