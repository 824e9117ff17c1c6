# fails: dtype: each row is divided in the dtype of the weight before the sum, so small numbers get lost
import torch
import torch.nn.functional as F
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    ends = offsets.tolist()[1:] + [idx.shape[0]]
    wide = weight.dtype if weight.dtype == torch.float64 else torch.float32
    out = []
    for start, end in zip(offsets.tolist(), ends):
        rows = weight[idx[start:end]].to(wide)
        if start == end:
            out.append(rows.sum(0))
        elif mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            share = weight[idx[start:end]] / (end - start)  # cannot overflow
            out.append(share.to(wide).sum(0))
        else:
            out.append(rows.amax(0))
    if not out:
        return weight[idx[:0]]
    return torch.stack(out).to(weight.dtype)
