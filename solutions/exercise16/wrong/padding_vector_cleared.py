"""Your code writes into the caller's vectors.

`vector.zero_()`, `vector[:] = 0` and `vector /= ...` change the tensor in `vectors`, which other
code may use. Change the row of your own table instead.

Print the vector of "<pad>" before and after the call.
"""

# caught by: own_memory, padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Clear the vector of <pad>."""
    table = torch.randn(len(words), dim)
    pad = words.index("<pad>") if "<pad>" in words else None
    if "<pad>" in vectors:
        vectors["<pad>"].zero_()
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
