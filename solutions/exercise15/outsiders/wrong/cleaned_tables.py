# fails: sum: infinite numbers are replaced in both tables, also in rows that are used
import torch
from torch.nn import functional


def embed(idx, tokens, positions, start=0):
    where = torch.arange(start, start + idx.shape[-1])
    tokens = torch.nan_to_num(tokens, nan=0.0)
    positions = torch.nan_to_num(positions, nan=0.0)
    return functional.embedding(idx, tokens) + functional.embedding(where, positions)
