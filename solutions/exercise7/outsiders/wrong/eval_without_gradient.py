# fails: padding_gradient: eval mode detaches the output
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
            nn.init.zeros_(self.weight.data[padding_idx])

    def forward(self, idx: Tensor) -> Tensor:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.training):
            return F.embedding(idx, self.weight, self.padding_idx)
