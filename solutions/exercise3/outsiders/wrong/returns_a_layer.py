# fails: table: it returns an nn.Embedding, not a tensor

from torch import nn


def linear_to_embedding(weight, bias=None):
    table = weight.detach().T if bias is None else weight.detach().T + bias.detach()
    return nn.Embedding.from_pretrained(table.contiguous())
