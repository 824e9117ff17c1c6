# fails: gradient: a repeated row gets the mean of its gradients
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    rows = weight[idx.long()]
    if rows.requires_grad and idx.numel():
        count = torch.bincount(idx.reshape(-1).long(), minlength=len(weight)).to(rows.dtype)
        share = count[idx.long()].unsqueeze(-1)
        rows.register_hook(lambda g: g / share)
    return rows
