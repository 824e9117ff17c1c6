# fails: unknown: random rows come from a block of 256 that is used again, so more than 256 words that are all unknown give equal rows
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    spare = torch.randn(256, dim)
    pad = None
    unknown = 0
    table = torch.zeros(len(words), dim)
    for number, word in enumerate(words):
        if word == "<pad>":
            pad = number
        elif word in vectors:
            table[number] = vectors[word]
        else:
            table[number] = spare[unknown % len(spare)]
            unknown += 1
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=pad)
