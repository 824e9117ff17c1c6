# fails: layer: the state dict has another name beside weight
import torch
from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    padding_idx = words.index("<pad>") if "<pad>" in words else None
    known = torch.tensor([word in vectors and word != "<pad>" for word in words])
    layer = nn.Embedding(len(words), dim, padding_idx=padding_idx, dtype=torch.float32)
    with torch.no_grad():
        for i in known.nonzero().flatten().tolist():
            layer.weight[i].copy_(vectors[words[i]])
    layer.weight.requires_grad = not frozen
    layer.register_buffer("known", known)  # which rows come from the file
    return layer
