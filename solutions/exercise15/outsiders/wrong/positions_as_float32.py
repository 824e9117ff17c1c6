# fails: start: counts in float32, which rounds 2**24 + 3
import torch
import torch.nn.functional as F


def embed(idx, tokens, positions, start=0):
    places = torch.ones(idx.shape[-1]).cumsum(0) - 1 + start
    return F.embedding(idx, tokens) + F.embedding(places.long(), positions)
