# fails: unknown: words are compared after Unicode normalization
import torch
import torch.nn.functional as F
from torch import Tensor, nn


from unicodedata import normalize


def pretrained(words, vectors, dim, frozen=True):
    by_name = {normalize("NFC", k): v for k, v in vectors.items()}
    table = torch.randn(len(words), dim)
    for i, w in enumerate(words):
        v = by_name.get(normalize("NFC", w))
        if v is not None:
            table[i] = v.detach()
    pad = words.index("<pad>") if "<pad>" in words else None
    if pad is not None:
        table[pad] = 0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
