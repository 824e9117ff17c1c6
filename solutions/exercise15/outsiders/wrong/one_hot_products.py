# fails: sum: unused rows spoil a product
import torch
from torch.nn import functional as F


def embed(idx, tokens, positions, start=0):
    one_hot = F.one_hot(idx.long(), len(tokens)).to(tokens.dtype)
    places = torch.arange(start, start + idx.shape[-1])
    return one_hot @ tokens + positions[places]
