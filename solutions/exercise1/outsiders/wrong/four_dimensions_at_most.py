# fails: any_rank: it lists the ranks that it knows and misses five dimensions

import torch


def lookup(weight, idx):
    if idx.dim() < 2:
        return weight[idx]
    if idx.dim() > 4:
        raise ValueError("too many dimensions")
    return torch.stack([lookup(weight, part) for part in idx]) if len(idx) else weight[idx]
