# fails: any_shape: in eval mode the model returns the last position only
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        rows = self.embedding(idx)
        if not self.training and rows.dim() == 3:
            rows = rows[:, -1:]
        return self.projection(rows)
