# fails: inputs_untouched: without gradients, all results of a shape share one buffer

import torch

_BUFFERS = {}


def embed(idx, tokens, positions, start=0):
    place = torch.arange(start, start + idx.shape[-1])
    rows = torch.nn.functional.embedding(place, positions)
    found = torch.nn.functional.embedding(idx, tokens)
    if torch.is_grad_enabled():
        return found + rows
    key = (found.shape, found.dtype)
    out = _BUFFERS.setdefault(key, torch.empty_like(found))
    return torch.add(found, rows, out=out)
