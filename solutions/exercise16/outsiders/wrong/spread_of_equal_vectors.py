# fails: unknown: random rows have the spread of the vectors, which is zero for equal ones
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    """Return an embedding with the vectors of a vocabulary."""
    known = [vectors[word].float() for word in words if word in vectors and word != "<pad>"]
    mean, std = 0.0, 1.0
    if known and len(known) * dim > 1:
        # new words look like the known ones
        numbers = torch.stack(known)
        mean, std = float(numbers.mean()), float(numbers.std())
    padding = words.index("<pad>") if "<pad>" in words else None
    layer = nn.Embedding(len(words), dim, padding_idx=padding, dtype=torch.float32)
    with torch.no_grad():
        for i, word in enumerate(words):
            if word == "<pad>":
                layer.weight[i] = 0
            elif word in vectors:
                layer.weight[i] = vectors[word]
            else:
                layer.weight[i].normal_(mean, std)
    layer.weight.requires_grad_(not frozen)
    return layer
