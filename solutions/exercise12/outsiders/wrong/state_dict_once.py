# fails: state_dict: state_dict leaves out projection.weight because it is the same tensor
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F


class TiedModel(nn.Module):
    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.projection = nn.Linear(embedding_dim, num_embeddings, bias=False)
        self.projection.weight = self.embedding.weight

    def forward(self, idx):
        return self.projection(self.embedding(idx))

    def state_dict(self, *args, **kwargs):
        state = super().state_dict(*args, **kwargs)
        state.pop("projection.weight", None)
        return state

    def load_state_dict(self, state, strict=True, assign=False):
        state = dict(state)
        state.setdefault("projection.weight", state["embedding.weight"])
        return super().load_state_dict(state, strict=strict, assign=assign)
