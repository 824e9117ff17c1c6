# fails: rows, dtype: ids are compared in the dtype of the table, and bfloat16 cannot tell large ids apart

import torch


def lookup(weight, idx):
    count = len(weight)
    if (idx >= count).any():
        raise IndexError("no such row")
    numbers = torch.arange(count, device=idx.device).to(weight.dtype)
    chosen = idx.unsqueeze(-1).to(weight.dtype).eq(numbers)
    return chosen.to(weight.dtype) @ weight
