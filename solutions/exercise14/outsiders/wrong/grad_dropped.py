# fails: same_parameter: the gradient of the Parameter is dropped
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def init_tied(embedding, projection, std=0.02):
    projection.weight = embedding.weight
    embedding.zero_grad(set_to_none=True)
    nn.init.normal_(embedding.weight, std=std)
    with torch.no_grad():
        if embedding.padding_idx is not None:
            embedding.weight[embedding.padding_idx] = 0
        if projection.bias is not None:
            projection.bias.zero_()
