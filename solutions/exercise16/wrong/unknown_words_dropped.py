"""Your table has no rows for words without a vector, so the words after them get other ids.

Each word of the vocabulary has an id, and the layer needs a row for each. Leaving a word out moves
all later words up by one.

Print `layer.num_embeddings` and `len(words)`.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Keep only words with a vector."""
    rows = [
        torch.zeros(dim) if word == "<pad>" else vectors[word].float()
        for word in words
        if word in vectors or word == "<pad>"
    ]
    rows.append(torch.randn(dim))
    pad = words.index("<pad>") if "<pad>" in words else None
    return nn.Embedding.from_pretrained(torch.stack(rows), freeze=frozen, padding_idx=pad)
