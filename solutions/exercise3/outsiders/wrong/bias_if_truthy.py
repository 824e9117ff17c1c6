# fails: bias_gradient: adds the bias only if any number of it is not zero, so a zero bias gets no gradient
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None and bias.any():
        out = out + bias
    return out.contiguous()
