# passes: compares each id with every row and lets where drop the other rows

import torch


def lookup(weight, idx):
    num = len(weight)
    if idx.numel() and int(idx.max()) >= num:
        raise RuntimeError("an id is too large")
    is_row = idx[..., None] == torch.arange(num, device=idx.device)
    return torch.where(is_row[..., None], weight, weight.new_zeros(())).sum(-2)
