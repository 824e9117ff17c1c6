# fails: parameter, state_dict: the Parameter is called table and weight is only a property: keys differ from nn.Embedding
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
        self.table = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            self.table.data[padding_idx] = 0

    @property
    def weight(self) -> nn.Parameter:
        return self.table

    def __setattr__(self, name, value):
        super().__setattr__("table" if name == "weight" else name, value)

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight, self.padding_idx)
