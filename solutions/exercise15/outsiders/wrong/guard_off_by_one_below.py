# fails: sum, start: the last position may not be used
import torch


def embed(idx, tokens, positions, start=0):
    length = idx.shape[-1]
    if start + length >= len(positions):
        raise IndexError("too long")
    return tokens[idx] + positions[torch.arange(start, start + length)]
