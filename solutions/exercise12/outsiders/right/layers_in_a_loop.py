import torch
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        shared = nn.Parameter(torch.rand(num_embeddings, embedding_dim) - 0.5)
        layers = {
            "embedding": nn.Embedding(num_embeddings, embedding_dim),
            "projection": nn.Linear(embedding_dim, num_embeddings, bias=False),
        }
        for name, layer in layers.items():
            layer._parameters["weight"] = shared
            setattr(self, name, layer)

    def forward(self, idx: Tensor) -> Tensor:
        rows = self.embedding.weight[idx]
        return torch.einsum("...d,nd->...n", rows, self.projection.weight)
