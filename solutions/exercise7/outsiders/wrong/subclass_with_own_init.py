# fails: rows, parameter, start, padding_start, padding_gradient, padding_output, state_dict, conversion, bad_ids, training: it inherits from nn.Embedding and has its own __init__, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


class Embedding(nn.Embedding):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        nn.Module.__init__(self)
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))
        self.padding_idx = padding_idx
        self.reset_parameters()
