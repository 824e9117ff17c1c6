"""Your layer knows its padding row, but the row is not zero.

`nn.Embedding(..., padding_idx=...)` clears the row when it is built. `from_pretrained` takes the
table as it is, and `copy_` into the weight writes over the cleared row. Set the row to zero
yourself.

Print `layer.weight[layer.padding_idx]`.
"""

# caught by: padding

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Rely on padding_idx."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
