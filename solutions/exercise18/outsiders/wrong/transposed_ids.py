# fails: any_shape: reads the memory order
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    flat = torch.as_strided(ids, (ids.numel(),), (1,)) if ids.numel() else ids.reshape(-1)
    w = F.normalize(weight.detach(), dim=1)
    cos = (w[flat] @ w.T).scatter(-1, flat.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices.reshape(*ids.shape, k)
