# fails: combinations: a 0-d idx blocks the padding gradient by a factor of 0: a 0-d idx AND an infinite gradient gives nan in the padding row
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
                self.weight[padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        if idx.dim() == 0 and self.padding_idx is not None:
            row = F.embedding(idx, self.weight)
            keep = (idx != self.padding_idx).to(row.dtype)
            fixed = row.detach()
            return fixed + (row - fixed) * keep
        return F.embedding(idx, self.weight, self.padding_idx)
