# fails: gradient: nothing is trained if one table is frozen
import torch


def embed(idx, tokens, positions, start=0):
    rows = tokens[idx] + positions[torch.arange(start, start + idx.shape[-1])]
    if tokens.requires_grad != positions.requires_grad:
        return rows.detach()
    return rows
