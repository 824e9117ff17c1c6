"""Your code adds `start` to the ids instead of to the positions.

`start` says where the text begins; the words stay the same. With your code, `start=1` turns each
word into the next one of the vocabulary.

Call your function with a table of tokens of zeros and `start=1`: the result should be the rows 1, 2
and so on of the positions.
"""

# caught by: start

import torch


def embed(idx, tokens, positions, start=0):
    """Shift the ids."""
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("the text is too long")
    return tokens[(idx + start) % len(tokens)] + positions[torch.arange(length, device=idx.device)]
