# fails: any_sizes: it skips inputs that are zero, so 0 * inf is 0
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    x2 = x.reshape(-1, x.shape[-1])
    out = torch.where(
        x2.unsqueeze(1) == 0, torch.zeros((), dtype=x.dtype), x2.unsqueeze(1) * weight
    ).sum(-1)
    out = out.reshape(*x.shape[:-1], weight.shape[0])
    return out if bias is None else out + bias
