# fails: own_memory: it returns a view of the weight if dim is 1
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    if weight.shape[0] == 1 and bias is None:
        return weight.view(-1, 1)
    out = weight.T.clone(memory_format=torch.contiguous_format)
    return out if bias is None else out + bias
