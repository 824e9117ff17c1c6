"""Your positions count the texts of a batch instead of the ids of a text.

For ids of shape (batch, length), `idx.shape[0]` and `len(idx)` are the number of texts. The text is
the last dimension: `idx.shape[-1]`.

Call your function with ids of shape (3, 5) and print the positions.
"""

# caught by: batch

import torch


def embed(idx, tokens, positions, start=0):
    """Count along the first dimension."""
    if idx.shape[-1] + start > len(positions):
        raise IndexError("the text is too long")
    places = torch.arange(start, start + len(idx), device=idx.device) % len(positions)
    shape = (-1, *[1] * (idx.dim() - 1))
    return tokens[idx] + positions[places.reshape(shape).expand(idx.shape)]
