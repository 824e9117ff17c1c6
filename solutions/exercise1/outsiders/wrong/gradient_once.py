# fails: gradient: all uses of an id but the first are detached with a mask
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    rows = weight[idx.long()]
    if not rows.requires_grad or idx.dim() == 0:
        return rows
    flat = idx.reshape(-1).long()
    first = torch.tensor([i not in flat[:k].tolist() for k, i in enumerate(flat.tolist())]).reshape(
        idx.shape
    )
    return torch.where(first.unsqueeze(-1), rows, rows.detach())
