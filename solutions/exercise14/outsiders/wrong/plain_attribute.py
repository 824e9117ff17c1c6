# fails: same_parameter: the weight is no Parameter of the projection any more
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def init_tied(embedding, projection, std=0.02):
    nn.init.normal_(embedding.weight, mean=0.0, std=std)
    if embedding.padding_idx is not None:
        embedding.weight.data[embedding.padding_idx] = 0
    del projection._parameters["weight"]
    object.__setattr__(projection, "weight", embedding.weight)
    if projection.bias is not None:
        projection.bias.data.zero_()
