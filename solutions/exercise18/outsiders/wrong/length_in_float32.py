# fails: types: divides by lengths that float32 rounds


import torch


def nearest(weight, ids, k):
    w = weight.detach()
    length = w.norm(dim=1, keepdim=True, dtype=torch.float64).float().clamp_min(1e-30)
    unit = w.double() / length
    flat = ids.reshape(-1).long()
    s = unit[flat] @ unit.T
    s[torch.arange(flat.numel()), flat] = -float("inf")
    return s.topk(k, dim=-1).indices.reshape(*ids.shape, k)
