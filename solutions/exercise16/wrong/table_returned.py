"""Your function returns a function or a tensor instead of an `nn.Embedding`.

A model needs a layer: a module is saved, moved and trained with the model that contains it.
`nn.Embedding.from_pretrained(table)` makes one of your table.

Print the type of your result.
"""

# caught by: layer

import torch
from torch.nn import functional as F


def pretrained(words, vectors, dim, frozen=True):
    """Return a lookup function."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    if "<pad>" in words:
        table[words.index("<pad>")] = 0
    return lambda idx: F.embedding(idx, table)
