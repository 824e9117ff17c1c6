"""Your positions go on from one text of a batch to the next.

`torch.arange(idx.numel())` numbers all ids of the batch. Each text is a text of its own and begins
at `start`. Count up to the last size of `idx`, and let broadcasting add the rows to every text.

Pass the same text twice in a batch: both results should be the same.
"""

# caught by: batch

import torch


def embed(idx, tokens, positions, start=0):
    """Number all ids of the batch."""
    length = idx.shape[-1]
    if length + start > len(positions):
        raise IndexError("the text is too long")
    places = start + torch.arange(idx.numel(), device=idx.device)
    return tokens[idx] + positions[places.reshape(idx.shape) % len(positions)]
