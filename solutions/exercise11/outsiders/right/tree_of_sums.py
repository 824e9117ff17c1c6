import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"mode {mode!r}")
    join = torch.maximum if mode == "max" else torch.add
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))
    out = []
    for ids in torch.tensor_split(idx, offsets[1:].tolist()) if len(offsets) else ():
        rows = wide[ids]
        while len(rows) > 1:
            odd = rows[len(rows) // 2 * 2 :]
            rows = torch.cat([join(rows[0:-1:2], rows[1::2]), odd])
        row = rows[0] if len(ids) else rows.sum(0)
        out.append(row / len(ids) if mode == "mean" and len(ids) else row)
    return torch.stack(out).to(weight.dtype) if out else weight[:0] * 1
