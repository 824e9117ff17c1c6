# passes: a state dict with one of the names can be loaded too
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))

    def _load_from_state_dict(self, state_dict, prefix, *args):
        names = [f"{prefix}{layer}.weight" for layer in ("embedding", "projection")]
        known = [state_dict[name] for name in names if name in state_dict]
        for name in names if known else ():
            state_dict.setdefault(name, known[0])
        super()._load_from_state_dict(state_dict, prefix, *args)
