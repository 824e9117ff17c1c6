# fails: unknown: small random numbers are added to large equal vectors and rounded away
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    known = [vectors[word].to(torch.float32) for word in words if word in vectors]
    padding_idx = words.index("<pad>") if "<pad>" in words else None
    table = torch.randn(len(words), dim, dtype=torch.float32)
    if len(known) > 1:
        # new words look like the known ones
        found = torch.stack(known)
        std = found.std(0, correction=0).nan_to_num(1.0, 1.0, 1.0).clamp(1e-6, 10.0)
        table = found.mean(0).nan_to_num(0.0, 0.0, 0.0) + std * table
    for row, word in enumerate(words):
        if word in vectors:
            table[row] = vectors[word]
    if padding_idx is not None:
        table[padding_idx] = 0.0
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=padding_idx)
