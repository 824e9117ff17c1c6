# fails: one_parameter: a hook copies the weight before each forward pass, which leaves two Parameters
from torch import nn


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.register_forward_pre_hook(lambda *_: self.copy())

    def forward(self, idx):
        return self.projection(self.embedding(idx))

    def copy(self):
        self.projection.weight.data = self.embedding.weight.data
