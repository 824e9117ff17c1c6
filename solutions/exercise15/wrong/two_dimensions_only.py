"""Your code works only if `idx` has one or two dimensions.

`length = idx.shape[1]` reads the second size. With a batch of several dimensions the text is still
the last one: `idx.shape[-1]`. Broadcasting needs no sizes of the batch.

Call your function with ids of shape (2, 3, 4).
"""

# caught by: any_shape, gradient

import torch


def embed(idx, tokens, positions, start=0):
    """Read the second size."""
    texts = idx if idx.dim() > 1 else idx.unsqueeze(0)
    length = texts.shape[1]
    if texts.dim() > 2:
        raise ValueError("idx has more than two dimensions")
    places = torch.arange(start, start + length, device=idx.device)
    return (tokens[texts] + positions[places]).reshape(*idx.shape, tokens.shape[1])
