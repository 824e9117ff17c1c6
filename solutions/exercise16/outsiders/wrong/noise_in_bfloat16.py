# fails: dtype: random numbers have the dtype of the vectors, and in bfloat16 they repeat
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    padding_idx = words.index("<pad>") if "<pad>" in words else None
    dtype = next((v.dtype for v in vectors.values()), torch.float32)
    if dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        dtype = torch.float32
    table = torch.empty(len(words), dim, dtype=torch.float32)
    for row, word in enumerate(words):
        if word == "<pad>":
            table[row] = 0.0
        elif word in vectors:
            table[row] = vectors[word]
        else:
            table[row] = torch.randn(dim, dtype=dtype)
    return nn.Embedding.from_pretrained(table, freeze=frozen, padding_idx=padding_idx)
