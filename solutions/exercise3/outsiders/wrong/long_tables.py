# fails: dtype: the rows repeat after the first 100
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    if len(out) > 100:
        out = out[torch.arange(len(out)) % 100]
    return out if bias is None else out + bias
