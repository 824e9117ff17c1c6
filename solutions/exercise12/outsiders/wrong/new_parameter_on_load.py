# fails: combinations, stays_tied: loading makes another Parameter, which an optimizer does not have, and which is trained even if the model is frozen
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def load_state_dict(self, state_dict, strict: bool = True, assign: bool = False):
        result = super().load_state_dict(state_dict, strict=strict, assign=assign)
        # loading must not separate the two layers
        weight = nn.Parameter(self.embedding.weight.detach().clone())
        self.embedding.weight = weight
        self.projection.weight = weight
        return result

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx))
