# fails: sum, start: positions pass through eight bits
import torch


def embed(idx, tokens, positions, start=0):
    if start + idx.shape[-1] > len(positions):
        raise IndexError("too long")
    places = torch.arange(start, start + idx.shape[-1]).to(torch.uint8).long()
    return tokens[idx] + positions[places]
