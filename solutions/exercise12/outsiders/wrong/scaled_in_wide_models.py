# fails: scores: scores of models wider than 64 are scaled

from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight
        self.scale = min(
            1.0, (64 / max(embedding_dim, 1)) ** 0.5
        )  # keeps scores of wide models small

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx)) * self.scale
