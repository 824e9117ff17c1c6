"""Your layer has more rows than the vocabulary has words.

Its size comes from `vectors`, or it has a row to spare. Words of a file that are not in `words`
need no row: files have millions of them, and each row takes memory.

Print `layer.num_embeddings` and `len(words)`.
"""

# caught by: layer

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Make room for all vectors."""
    table = torch.randn(max(len(words), len(vectors)), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
