# fails: state_dict: loading refuses the name projection.weight
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))

    def load_state_dict(self, state_dict, *args, **kwargs):
        if "projection.weight" in state_dict:
            raise RuntimeError("projection.weight is tied; leave it out")
        return super().load_state_dict(state_dict, *args, **kwargs)
