# passes: removes the id, then corrects the positions
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    with torch.no_grad():
        w = weight / weight.norm(dim=1, keepdim=True).clamp(min=1e-30)
        flat = ids.reshape(-1).long()
        out = torch.empty(len(flat), k, dtype=torch.long, device=ids.device)
        for n, i in enumerate(flat.tolist()):
            others = torch.cat([w[:i], w[i + 1 :]])
            best = (others @ w[i]).topk(k).indices
            out[n] = best + (best >= i)
        return out.reshape(*ids.shape, k)
