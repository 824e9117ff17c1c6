# fails: gradient: all uses of an id but the first are detached
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    seen = {}
    out = []
    for i in idx.reshape(-1).tolist():
        out.append(weight[i] if i not in seen else weight[i].detach())
        seen[i] = 1
    if not out:
        return weight.new_zeros(*idx.shape, weight.shape[1])
    return torch.stack(out).reshape(*idx.shape, weight.shape[1])
