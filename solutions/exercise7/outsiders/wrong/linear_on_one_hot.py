# fails: rows, parameter: a linear layer on one-hot vectors holds the table, transposed
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx = num_embeddings + padding_idx
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.linear = nn.Linear(num_embeddings, embedding_dim, bias=False)

    def forward(self, idx):
        hot = F.one_hot(idx, self.num_embeddings).to(self.linear.weight.dtype)
        return self.linear(hot)
