"""Your rows follow the order of `vectors`. Row i belongs to `words[i]`.

You count the words of `vectors`, and this number is not the id of a word. It can even be larger
than the number of rows. Go through `enumerate(words)` instead, and look for each word in `vectors`.

Print `list(vectors)` and `words`.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Count the vectors."""
    table = torch.randn(len(words), dim)
    for number, (word, vector) in enumerate(vectors.items()):
        if word in words:
            table[number] = vector
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
