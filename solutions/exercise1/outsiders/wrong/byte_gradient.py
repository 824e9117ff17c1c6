# fails: gradient: a hook rounds the gradient to float16
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    rows = weight[idx.long()]
    if rows.requires_grad:
        rows.register_hook(lambda g: g.half().to(g.dtype))
    return rows
