# fails: dtype: bfloat16 numbers above 65504 become infinite in float16

import torch


def linear(x, weight, bias=None):
    kind = torch.float16 if x.dtype is torch.bfloat16 else x.dtype
    product = (x.to(kind) @ weight.to(kind).mT).to(x.dtype)
    return product if bias is None else product + bias
