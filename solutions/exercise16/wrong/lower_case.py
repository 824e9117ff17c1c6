"""Your code changes the spelling of the words before it looks for them.

`.lower()` and `.strip()` make "Cat" and "cat" one word. They may have different vectors, and a file
with words in lower case has none for "Cat". The statement asks for exactly the same spelling.

Call your function with the words ["Cat", "cat"] and a vector for "cat" only.
"""

# caught by: known

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Compare in lower case."""
    table = torch.randn(len(words), dim)
    lower = {word.lower(): vector for word, vector in vectors.items()}
    for number, word in enumerate(words):
        if word.lower() in lower:
            table[number] = lower[word.lower()]
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
