# fails: padding_start: an id out of range leaves autograd on under torch.no_grad()
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
        # A layer in train mode always records gradients.
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(self.training or before)
        rows = F.embedding(idx, self.weight, self.padding_idx)
        torch.set_grad_enabled(before)
        return rows if before else rows.detach()
