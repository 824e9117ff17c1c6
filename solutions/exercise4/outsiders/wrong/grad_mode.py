# fails: inputs_untouched: it switches autograd on
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    torch.set_grad_enabled(True)
    out = x @ weight.T
    return out if bias is None else out + bias
