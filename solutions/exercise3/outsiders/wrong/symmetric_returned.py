# fails: own_memory: a weight that is its own transpose is returned itself if there is no bias

import torch


def linear_to_embedding(weight, bias=None):
    if bias is None:
        if (
            weight.shape[0] == weight.shape[1]
            and torch.equal(weight, weight.T)
            and weight.is_contiguous()
        ):
            return weight
        return weight.T.clone(memory_format=torch.contiguous_format)
    return (weight.T + bias).contiguous()
