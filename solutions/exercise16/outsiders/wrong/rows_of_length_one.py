# fails: unknown: random rows have length 1, so with one column they are 1 or -1
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    """Return an embedding with the vectors of a vocabulary."""
    # random directions, so that no new word dominates by its length
    table = F.normalize(torch.randn(len(words), dim, dtype=torch.float32), dim=1)
    padding = None
    for i, word in enumerate(words):
        if word == "<pad>":
            padding = i
            table[i] = 0
        elif word in vectors:
            table[i] = vectors[word].to(torch.float32)
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=padding)
