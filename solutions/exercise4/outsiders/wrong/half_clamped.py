# fails: combinations: an infinite output in float16 is clamped to 64512
import torch


def linear(x, weight, bias=None):
    r = x @ weight.T
    if bias is not None:
        r = r + bias
    if r.dtype == torch.float16 and torch.isinf(r).any():
        r = r.clamp(-64512, 64512)
    return r
