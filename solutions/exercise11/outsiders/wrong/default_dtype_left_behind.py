# fails: inputs_untouched: an unknown mode leaves the dtype of the weight as torch's default dtype
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    before = torch.get_default_dtype()
    torch.set_default_dtype(weight.dtype)  # new tensors get the dtype of the table
    bounds = offsets.tolist() + [idx.numel()]
    bags = []
    for begin, end in zip(bounds, bounds[1:]):
        rows = weight.index_select(0, idx[begin:end])
        wide = rows.float() if rows.dtype.itemsize == 2 else rows
        if mode == "sum":
            bag = wide.sum(0)
        elif mode == "mean":
            bag = wide.sum(0) / max(end - begin, 1)
        elif mode == "max":
            bag = wide.amax(0) if end > begin else torch.zeros(weight.shape[1])
        else:
            raise ValueError(f"unknown mode {mode!r}")
        bags.append(bag.to(weight.dtype))
    result = torch.stack(bags) if bags else torch.zeros(0, weight.shape[1])
    torch.set_default_dtype(before)
    return result
