# fails: rows: it multiplies a mask with the table, so nan in an unused row spreads
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")
    hot = (idx.unsqueeze(-1) == torch.arange(len(weight), device=idx.device)).to(weight.dtype)
    return (hot.unsqueeze(-1) * weight).sum(-2)
