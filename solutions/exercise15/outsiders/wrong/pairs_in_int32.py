# fails: types: numbers pairs of id and position in int32

import torch


def embed(idx, tokens, positions, start=0):
    longest = positions.shape[0]
    where = torch.arange(start, start + idx.shape[-1])
    if idx.shape[-1] and start + idx.shape[-1] > longest:
        raise ValueError("position too large")
    key = idx * longest + where.to(idx.dtype)
    pairs, inverse = torch.unique(key, return_inverse=True)
    rows = tokens[pairs // longest] + positions[pairs % longest]
    return rows[inverse]
