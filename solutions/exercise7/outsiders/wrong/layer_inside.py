# fails: rows, parameter, start, padding_start, padding_gradient, padding_output, state_dict, conversion, bad_ids, training: its forward calls an nn.Embedding inside, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))
        nn.init.normal_(self.weight)
        if padding_idx is not None:
            self.weight.data[padding_idx].zero_()
        weight = self.weight.data
        self.inner = nn.Embedding.from_pretrained(weight, freeze=False)

    def forward(self, idx):
        return self.inner(idx)
