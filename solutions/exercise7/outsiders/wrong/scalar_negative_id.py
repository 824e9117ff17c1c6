# fails: bad_ids: a 0-d idx without padding is plain indexing: a 0-d AND negative id gives a row from the end and no error
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        if padding_idx is not None and padding_idx < 0:
            self.padding_idx = num_embeddings + padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        if idx.dim() == 0 and self.padding_idx is None:
            return self.weight[idx]
        return F.embedding(idx, self.weight, self.padding_idx)
