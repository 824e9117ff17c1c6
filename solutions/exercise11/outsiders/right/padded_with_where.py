import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))
    stops = torch.cat([offsets, offsets.new_tensor([len(idx)])])[1:]
    sizes = (stops - offsets)[:, None]
    if not len(idx):
        return (wide[idx].sum(0) + wide.new_zeros(len(offsets), weight.shape[1])).to(weight.dtype)
    places = torch.arange(int(sizes.max()))
    inside = (places < sizes)[:, :, None]
    ids = idx[(offsets[:, None] + places).clamp(max=len(idx) - 1)]
    rows = torch.where(inside, wide[ids], wide.new_tensor(-torch.inf if mode == "max" else 0.0))
    if mode == "max":
        out = torch.where(sizes > 0, rows.amax(1), wide.new_zeros(()))
    else:
        out = rows.sum(1)
        if mode == "mean":
            out = out / sizes.clamp(min=1)
    return out.to(weight.dtype)
