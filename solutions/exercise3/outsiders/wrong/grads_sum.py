# fails: bias_gradient: the gradient of the bias is divided by the number of rows
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None:
        return out
    b = bias / len(out)
    return out + bias.detach() + (b - b.detach())
