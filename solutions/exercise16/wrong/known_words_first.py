"""Your rows follow the order of `vectors`. Row i belongs to `words[i]`.

You take the vectors of the vocabulary in the order of the file, so they get the first rows. In a
file the order is another one, often by frequency. A wrong order raises no error: the model reads
other words.

Print `list(vectors)` and `words`, and look up the first word.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Take the known words first."""
    table = torch.randn(len(words), dim)
    known = [word for word in vectors if word in words]
    for number, word in enumerate(known):
        table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
