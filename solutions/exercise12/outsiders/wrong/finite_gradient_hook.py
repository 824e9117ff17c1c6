# fails: gradient: a hook makes infinite gradients finite
import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        # one bad batch must not destroy the shared table
        self.embedding.weight.register_hook(torch.nan_to_num)

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx))
