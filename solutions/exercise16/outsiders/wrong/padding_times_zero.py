# fails: padding: the vector of <pad> is multiplied by zero, which gives nan for an infinite one
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    padding_idx = words.index("<pad>") if "<pad>" in words else None
    rows = [vectors[w].float() if w in vectors else torch.randn(dim) for w in words]
    mask = torch.tensor([[0.0 if w == "<pad>" else 1.0] for w in words])
    table = torch.stack(rows) * mask
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=padding_idx)
