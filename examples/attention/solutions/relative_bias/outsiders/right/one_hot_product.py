import torch
from torch.nn.functional import one_hot


def relative_bias(scores, table):
    n, m = scores.shape[-2:]
    num = len(table)
    pos = torch.arange(m)[None] - torch.arange(n)[:, None] + num // 2
    hot = one_hot(pos.clamp(0, num - 1), num).to(table.dtype)
    return torch.einsum("qkd,dh->hqk", hot, table) + scores
