"""Your positions always begin at 0, whatever `start` is.

A model that writes a text passes only its newest id, because the earlier ones are done. Without
`start`, each of them would have the position 0.

Call your function with a single id and two different values of `start`.
"""

# caught by: start

import torch


def embed(idx, tokens, positions, start=0):
    """Ignore start."""
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("the text is too long")
    return tokens[idx] + positions[torch.arange(length, device=idx.device)]
