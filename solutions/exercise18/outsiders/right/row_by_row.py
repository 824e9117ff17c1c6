# passes: a loop with index_fill
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach()
    unit = w / w.norm(dim=1, keepdim=True).clamp_min(1e-12)
    out = []
    for i in ids.flatten().tolist():
        s = torch.mv(unit, unit[i])
        s[i] = -2
        out.append(s.sort(descending=True).indices[:k])
    return (
        torch.stack(out).reshape(*ids.shape, k)
        if out
        else torch.empty(*ids.shape, k, dtype=torch.int64, device=ids.device)
    )
