# fails: combinations: the deepcopy of a frozen layer is trainable, and that of an eval layer in train mode
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
        if padding_idx is not None and padding_idx < 0:
            padding_idx = num_embeddings + padding_idx
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            self.weight.data[padding_idx].fill_(0)

    def __deepcopy__(self, memo):
        """Like clone() in Torch 7: a new module of the same arguments and numbers."""
        copy = type(self)(self.num_embeddings, self.embedding_dim, self.padding_idx)
        copy.weight = nn.Parameter(self.weight.detach().clone())
        memo[id(self)] = copy
        return copy

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight, self.padding_idx)
