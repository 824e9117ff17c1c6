# passes: torch.take on positions in the flat table, with its own range check

import torch


def lookup(weight, idx):
    num, dim = weight.shape
    if (idx >= num).any():
        raise ValueError(f"ids must be below {num}")
    columns = torch.arange(dim, device=idx.device)
    return weight.take(idx.long()[..., None] * dim + columns)
