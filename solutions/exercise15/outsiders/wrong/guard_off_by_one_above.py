# fails: too_long: one position too many is allowed
import torch


def embed(idx, tokens, positions, start=0):
    length = idx.shape[-1]
    if start + length > len(positions) + 1:
        raise IndexError("too long")
    places = torch.arange(start, start + length).clamp(max=len(positions) - 1)
    return tokens[idx] + positions[places]
