# fails: too_long: positions have the dtype of the ids, where 2**32 is 0

import torch


def embed(idx, tokens, positions, start=0):
    places = torch.arange(start, start + idx.shape[-1]).to(idx.dtype)
    return torch.nn.functional.embedding(idx, tokens) + torch.nn.functional.embedding(
        places, positions
    )
