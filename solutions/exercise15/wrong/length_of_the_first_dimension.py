"""Your code takes the number of texts for the length of a text.

`len(idx)` is the first size of `idx`. For a single text both are the same, but for ids of shape
(3, 5) there are five positions and not three, and the two lookups do not fit. The last size,
`idx.shape[-1]`, is the length for any batch.

Call your function with ids of shape (3, 5).
"""

# caught by: batch

import torch


def embed(idx, tokens, positions, start=0):
    """Take len for the length."""
    places = torch.arange(start, start + len(idx), device=idx.device)
    return tokens[idx] + positions[places]
