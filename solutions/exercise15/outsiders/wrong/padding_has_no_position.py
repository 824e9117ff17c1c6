# fails: sum: id 0 does not count as a place
import torch


def embed(idx, tokens, positions, start=0):
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("too long")
    places = (start + (idx != 0).cumsum(-1) - 1).clamp(min=start)
    return tokens[idx] + positions[places]
