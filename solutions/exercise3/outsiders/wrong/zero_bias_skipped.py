# fails: bias_gradient: a bias of zeros is taken for none, so it gets no gradient

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None or not bias.count_nonzero():
        return table
    return table + bias
