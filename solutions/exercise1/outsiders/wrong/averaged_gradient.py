# fails: gradient: its backward divides by the number of repeats

import torch


def lookup(weight, idx):
    rows = weight[idx]
    if rows.requires_grad:
        flat = idx.reshape(-1).long()
        counts = torch.bincount(flat, minlength=len(weight)).to(weight.dtype)
        rows.register_hook(lambda upstream: upstream / counts[idx].unsqueeze(-1))
    return rows
