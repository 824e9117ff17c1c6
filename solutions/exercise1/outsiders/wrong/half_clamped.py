# fails: combinations: a float16 row with inf is clamped to 64512
import torch


def lookup(weight, idx):
    r = weight[idx]
    if r.dtype == torch.float16 and torch.isinf(r).any():
        r = r.clamp(-64512, 64512)
    return r
