# passes: F.linear and nll_loss; divmod for the size
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    full, rest = divmod(num, multiple)
    return multiple * (full + (rest > 0))


def padded_loss(hidden, weight, target, num):
    words = torch.index_select(weight, 0, torch.arange(num, device=weight.device))
    logs = F.log_softmax(F.linear(hidden, words), dim=-1)
    return F.nll_loss(logs.flatten(0, -2) if target.dim() else logs[None], target.reshape(-1))
