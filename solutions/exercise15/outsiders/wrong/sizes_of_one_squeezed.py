# fails: batch: squeezes all sizes of 1, also that of a table of one column
import torch


def embed(idx, tokens, positions, start=0):
    rows = positions[torch.arange(start, start + idx.shape[-1])]
    return (tokens[idx].squeeze() + rows).reshape(*idx.shape, tokens.shape[1])
