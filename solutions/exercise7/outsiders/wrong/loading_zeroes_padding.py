# fails: state_dict: loading a state dict sets the padding row to zero again
import torch
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
        table = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            table[padding_idx] = 0
        self.weight = nn.Parameter(table)

    def forward(self, idx):
        return F.embedding(idx, self.weight, self.padding_idx)

    def load_state_dict(self, *args, **kwargs):
        result = super().load_state_dict(*args, **kwargs)
        self._zero()
        return result

    def _zero(self):
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def _load_from_state_dict(self, *args):
        super()._load_from_state_dict(*args)
        self._zero()
