"""Your code gives "Cat" the vector of "cat". The spelling must be equal.

`.lower()` makes two words of the vocabulary one word. They may have different vectors, and a word
whose exact spelling is not in `vectors` gets random numbers.

Call your function with the words ["Cat", "cat"] and a vector for "cat" only.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Look for words in lower case."""
    table = torch.randn(len(words), dim)
    for number, word in enumerate(words):
        if word.lower() in vectors:
            table[number] = vectors[word.lower()]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
