# passes: new numbers as the data of the same Parameter
import torch


def init_tied(embedding, projection, std=0.02):
    weight = embedding.weight
    projection.weight = weight
    weight.data = torch.randn_like(weight) * std
    if embedding.padding_idx is not None:
        weight.data[embedding.padding_idx].zero_()
    if projection.bias is not None:
        projection.bias.data.zero_()
