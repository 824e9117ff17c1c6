# fails: dtype: bfloat16 passes through float16, which cannot hold its largest numbers

import torch


def linear_to_embedding(weight, bias=None):
    is_bfloat16 = weight.dtype is torch.bfloat16
    table = (weight.half() if is_bfloat16 else weight).T
    table = table.clone(memory_format=torch.contiguous_format).to(weight.dtype)
    return table if bias is None else table + bias
