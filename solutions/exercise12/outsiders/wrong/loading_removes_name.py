# fails: state_dict: loading removes projection.weight from the dictionary that it gets
from torch import Tensor, nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def upgrade_state_dict(self, state_dict):
        """Drop the copy of a tied weight, as fairseq does for embed_out."""
        if "projection.weight" in state_dict and "embedding.weight" in state_dict:
            del state_dict["projection.weight"]
        state_dict = dict(state_dict)
        if "embedding.weight" in state_dict:
            state_dict["projection.weight"] = state_dict["embedding.weight"]
        return state_dict

    def load_state_dict(self, state_dict, strict=True, assign=False):
        return super().load_state_dict(self.upgrade_state_dict(state_dict), strict, assign)

    def forward(self, idx: Tensor) -> Tensor:
        return self.projection(self.embedding(idx))
