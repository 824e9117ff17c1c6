# fails: any_shape: four dimensions are refused
import torch


def embed(idx, tokens, positions, start=0):
    if idx.dim() > 3:
        raise ValueError("at most three dimensions")
    return tokens[idx] + positions[torch.arange(start, start + idx.shape[-1])]
