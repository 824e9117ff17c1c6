# fails: padding: takes words that begin with <pad> for <pad>

import torch
from torch import nn


def pretrained(words, vectors, dim, frozen=True):
    table = torch.stack([vectors[w].float() if w in vectors else torch.randn(dim) for w in words])
    pads = [i for i, w in enumerate(words) if w.startswith("<pad>")]
    pad = pads[0] if pads else None
    if pads:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
