# fails: table, bias, any_sizes, dtype, contiguous, own_memory, inputs_untouched, weight_gradient: it sorts the rows by their length
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    out = out[out.norm(dim=1).argsort()]
    return out if bias is None else out + bias
