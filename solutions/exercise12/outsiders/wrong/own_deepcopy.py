# fails: stays_tied: an own __deepcopy__ copies layer by layer without the shared memo, so the copy is not tied

import copy

from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def __deepcopy__(self, memo):
        clone = TiedModel(self.embedding.num_embeddings, self.embedding.embedding_dim)
        clone.embedding = copy.deepcopy(self.embedding)
        clone.projection = copy.deepcopy(self.projection)
        clone.train(self.training)
        return clone

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx))
