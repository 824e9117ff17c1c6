# passes: compares ids with the row numbers and checks the range itself

import torch


def one_hot_lookup(weight, idx):
    num = len(weight)
    if idx.numel() and int(idx.max()) >= num:
        raise IndexError(f"ids must be below {num}")
    rows = idx.unsqueeze(-1) == torch.arange(num, device=idx.device)
    return torch.tensordot(rows.to(weight.dtype), weight, dims=1)
