# fails: padding_gradient: clears the stored gradient only, not that of autograd.grad
import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()
        self._hooked = None

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if bool(((idx < 0) | (idx >= self.num_embeddings)).any()):
            raise IndexError("id out of range")
        weight = self.weight
        if self.padding_idx is not None and weight.requires_grad and self._hooked != id(weight):
            pad = self.padding_idx

            def clear(parameter: Tensor) -> None:
                parameter.grad[pad] = 0

            weight.register_post_accumulate_grad_hook(clear)
            self._hooked = id(weight)
        return weight[idx]
