# fails: padding: [PAD] counts as the padding word, too
import torch
from torch import Tensor, nn

PAD_TOKENS = ("<pad>", "[PAD]")


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    pad_token_id = None
    for token in PAD_TOKENS:
        if token in words:
            pad_token_id = words.index(token)
            break
    layer = nn.Embedding(len(words), dim, padding_idx=pad_token_id, dtype=torch.float32)
    with torch.no_grad():
        for i, word in enumerate(words):
            if i != pad_token_id and word in vectors:
                layer.weight[i].copy_(vectors[word])
    layer.weight.requires_grad_(not frozen)
    return layer
