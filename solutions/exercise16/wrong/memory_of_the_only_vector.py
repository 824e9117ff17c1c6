"""Your layer shares memory with the vector if there is only one word.

`reshape`, `view` and `unsqueeze` of a single vector are views: they copy nothing. `from_pretrained`
and `nn.Parameter` do not copy either. `torch.stack` and `clone` do.

Call your function with one word, write into its vector, and look at the layer.
"""

# caught by: own_memory

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Use a single vector as it is."""
    pad = words.index("<pad>") if "<pad>" in words else None
    if len(words) == 1 and words[0] in vectors and pad is None:
        table = vectors[words[0]].float().unsqueeze(0)
        return nn.Embedding.from_pretrained(table, freeze=frozen)
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
