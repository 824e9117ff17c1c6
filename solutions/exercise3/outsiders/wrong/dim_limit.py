# fails: dtype: it keeps the first 64 columns of the weight only
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    weight = weight[:, :64]
    out = weight.T.clone(memory_format=torch.contiguous_format)
    return out if bias is None else out + bias
