"""Your table can be trained, also with `frozen=True`.

The weight of a new `nn.Embedding` requires a gradient, and `weight.data.requires_grad = False`
changes nothing, because `.data` is another tensor. Use `weight.requires_grad_(False)`, or
`from_pretrained` with `freeze=True`.

Print `layer.weight.requires_grad` for both values of `frozen`.
"""

# caught by: frozen

from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    """Freeze the data."""
    pad = words.index("<pad>") if "<pad>" in words else None
    layer = nn.Embedding(len(words), dim, padding_idx=pad)
    for number, word in enumerate(words):
        if word in vectors and number != pad:
            layer.weight.data[number] = vectors[word]
    if frozen:
        layer.weight.data.requires_grad = False
    return layer
