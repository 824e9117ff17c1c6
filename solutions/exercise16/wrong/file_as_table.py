"""Your table is all vectors of the file, in the order of the file.

Row i belongs to `words[i]`, but `vectors` has another order, other words, and lacks some of
`words`. A wrong order raises no error: the model reads other words.

Print `list(vectors)` and `words`, and look up the first word.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Stack all vectors."""
    table = torch.stack(list(vectors.values())).float()
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
