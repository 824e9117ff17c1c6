# passes: a loop over the rows
from torch import nn


def init_tied(embedding, projection, std=0.02):
    for number, row in enumerate(embedding.weight.detach()):
        row.zero_() if number == embedding.padding_idx else row.normal_(std=std)
    projection.weight = embedding.weight
    if isinstance(projection.bias, nn.Parameter):
        nn.init.constant_(projection.bias, 0)
