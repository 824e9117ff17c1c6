# fails: dtype: the ids are counted in the dtype of weight: mode "mean" in bfloat16 AND more than 256 ids in a bag counts only 256
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = starts[1:] + [len(idx)]
    rows = weight[idx]
    if mode == "max":
        return torch.stack(
            [
                rows[a:b].amax(0) if b > a else weight.new_zeros(weight.shape[1])
                for a, b in zip(starts, ends)
            ]
        )
    bag = torch.zeros(len(idx), dtype=torch.int64)
    for k, (a, b) in enumerate(zip(starts, ends)):
        bag[a:b] = k
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    total = torch.zeros(len(starts), weight.shape[1], dtype=wide).index_add(0, bag, rows.to(wide))
    if mode == "sum":
        return total.to(weight.dtype)
    ones = torch.ones(len(idx), dtype=weight.dtype)
    counts = torch.zeros(len(starts), dtype=weight.dtype).index_add_(0, bag, ones)
    return (total / counts.clamp(min=1).to(wide)[:, None]).to(weight.dtype)
