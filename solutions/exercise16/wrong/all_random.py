"""Your rows are random: the vectors are not in the table.

`nn.Embedding(num, dim)` starts with random numbers. Vectors that others trained must be written
into its weight, or the layer must be made of them with `nn.Embedding.from_pretrained`.

Look up a word and compare the row with its vector.
"""

# caught by: known

from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Make a new layer."""
    pad = words.index("<pad>") if "<pad>" in words else None
    layer = nn.Embedding(len(words), dim, padding_idx=pad)
    layer.weight.requires_grad_(not frozen)
    return layer
