"""Your code raises KeyError for a word without a vector.

A vocabulary almost always has words that no file knows: names, typing mistakes, or "<unk>".
`vectors[word]` raises an error for them. Ask `word in vectors` first.

Call your function with a word that is not in `vectors`.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Expect a vector for each word."""
    table = torch.stack([vectors[word].float() for word in words])
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
