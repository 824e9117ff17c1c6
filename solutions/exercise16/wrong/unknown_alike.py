"""All words without a vector have the same row.

One random row, or one row for "<unk>", makes these words equal for the model. Each of them needs
numbers of its own: draw a table of shape (num, dim), not one row.

Look up two words that are not in `vectors`.
"""

# caught by: unknown

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Draw one row for all unknown words."""
    unknown = torch.randn(dim)
    table = torch.stack([vectors.get(word, unknown).float() for word in words])
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
