# passes: torch.take on flat positions
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    cols = torch.arange(weight.shape[1], device=idx.device)
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")
    return weight.contiguous().take(idx.long().unsqueeze(-1) * weight.shape[1] + cols)
