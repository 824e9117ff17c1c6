# fails: dtype: ids are compared in the dtype of the table, and bfloat16 cannot tell large ids apart

import torch


def one_hot_lookup(weight, idx):
    if (idx >= len(weight)).any():
        raise IndexError("no such row")
    numbers = torch.arange(len(weight), device=idx.device).to(weight.dtype)
    rows = idx.to(weight.dtype).unsqueeze(-1).eq(numbers)
    return rows.to(weight.dtype) @ weight
