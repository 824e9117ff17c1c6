# fails: order: ids that agree modulo 256 are left out
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = w[ids] @ w.T
    itself = torch.arange(len(weight), device=ids.device).to(torch.uint8) == ids.unsqueeze(-1).to(
        torch.uint8
    )
    return cos.masked_fill(itself, -torch.inf).topk(k).indices
