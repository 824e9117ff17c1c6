from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False, device="meta")
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        setattr(self.projection, "weight", self.embedding.weight)

    def forward(self, idx: Tensor) -> Tensor:
        hidden = self.embedding.forward(idx)
        return self.projection.forward(hidden)
