"""Your positions end at the length of the text instead of `start` plus the length.

The second number of `torch.arange(a, b)` is where it stops, not how many numbers it gives. So
`torch.arange(start, length)` is too short, and raises an error if `start` is larger than `length`.
Stop at `start + length`.
"""

# caught by: start

import torch


def embed(idx, tokens, positions, start=0):
    """Count from start to length."""
    length = idx.shape[-1]
    places = torch.arange(start, length, device=idx.device)
    return tokens[idx] + positions[places]
