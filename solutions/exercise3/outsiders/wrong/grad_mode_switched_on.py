# fails: weight_gradient: it switches autograd on for its caller

import torch


def linear_to_embedding(weight, bias=None):
    torch.set_grad_enabled(True)
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table.add(bias)
