# passes: two calls of F.embedding
import torch
from torch.nn import functional as F


def embed(idx, tokens, positions, start=0):
    places = torch.arange(idx.shape[-1], device=idx.device).add(start).expand_as(idx)
    return F.embedding(idx, tokens) + F.embedding(places, positions)
