# fails: types: float64 numbers pass through float32
import torch


def embed(idx, tokens, positions, start=0):
    rows = positions[torch.arange(start, start + idx.shape[-1])].float()
    return (tokens[idx].float() + rows).to(tokens.dtype)
