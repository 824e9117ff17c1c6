# fails: contiguous: with a bias the sum keeps the order of the weight in memory

import torch


def linear_to_embedding(weight, bias=None):
    if bias is None:
        return weight.T.clone(memory_format=torch.contiguous_format)
    return (weight.T + bias).clone()
