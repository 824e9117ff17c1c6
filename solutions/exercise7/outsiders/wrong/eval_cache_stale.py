# fails: rows, parameter, start: eval() caches the table for torch.no_grad() and only train() drops it: eval mode AND loaded or changed state gives old rows
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
        self.register_buffer("table", None, persistent=False)

    def train(self, mode: bool = True):
        super().train(mode)
        self.table = None if mode else self.weight.detach().clone()
        return self

    def forward(self, idx: Tensor) -> Tensor:
        if self.table is not None and not torch.is_grad_enabled():
            return F.embedding(idx, self.table)
        return F.embedding(idx, self.weight, self.padding_idx)
