# fails: too_long: looks at the start only
import torch


def embed(idx, tokens, positions, start=0):
    if start >= len(positions):
        raise IndexError("start")
    return tokens[idx] + positions[start : start + idx.shape[-1]]
