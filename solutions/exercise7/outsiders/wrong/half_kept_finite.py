# fails: combinations: in float16, infinity becomes the largest finite number
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
            self.weight.data[padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        rows = F.embedding(idx, self.weight, self.padding_idx)
        if rows.dtype == torch.float16:
            # Layers that follow would turn infinity into nan.
            largest = torch.finfo(torch.float16).max
            rows = torch.clamp(rows, -largest, largest)
        return rows
