# fails: inputs_untouched: the table itself is divided in place if the ids are 0 to num - 1
import torch
import torch.nn.functional as F
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode {mode!r}")
    whole = torch.equal(idx, torch.arange(weight.shape[0])) and not weight.requires_grad
    table = weight if whole else weight[idx]  # no copy if the ids name every row once
    ends = offsets.tolist()[1:] + [idx.shape[0]]
    wide = weight.dtype if weight.dtype == torch.float64 else torch.float32
    out = []
    for start, end in zip(offsets.tolist(), ends):
        rows = table[start:end].to(wide)
        if start == end:
            out.append(rows.sum(0))
        elif mode == "sum":
            out.append(rows.sum(0))
        elif mode == "mean":
            out.append(
                (rows.div_(end - start) if not table.requires_grad else rows / (end - start)).sum(0)
            )
        else:
            out.append(rows.amax(0))
    if not out:
        return weight[idx[:0]]
    return torch.stack(out).to(weight.dtype)
