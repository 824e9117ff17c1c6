"""Your weight has the dtype of the vectors instead of float32.

NumPy computes in float64, so vectors from files are often float64, and a float32 model then refuses
what your layer returns. Convert the table with `.float()`, or write the vectors into a float32
table: an assignment converts.

Print `layer.weight.dtype` for float64 vectors.
"""

# caught by: dtype

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Take over the dtype of the first vector."""
    kinds = [vector.dtype for vector in vectors.values()]
    table = torch.randn(len(words), dim, dtype=kinds[0] if kinds else None)
    for number, word in enumerate(words):
        if word in vectors:
            table[number] = vectors[word]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
