# fails: inputs_untouched: without gradients, adds into a view of the positions

import torch


def embed(idx, tokens, positions, start=0):
    length = idx.shape[-1]
    if start + length > positions.shape[0]:
        raise IndexError("position beyond the table")
    pos = positions[start : start + length].expand(*idx.shape, -1)
    if idx.dim() == 1 and not torch.is_grad_enabled():
        return pos.add_(tokens[idx])
    return pos + tokens[idx]
