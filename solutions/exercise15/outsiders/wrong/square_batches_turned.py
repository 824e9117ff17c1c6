# fails: batch: a square batch gets its positions along the other dimension
import torch


def embed(idx, tokens, positions, start=0):
    rows = positions[torch.arange(start, start + idx.shape[-1])]
    if idx.dim() == 2 and idx.shape[0] == idx.shape[1]:
        rows = rows.unsqueeze(1)
    return tokens[idx] + rows
