# fails: gradient: its backward assigns rows, so repeated rows do not add up

import torch
from torch.nn import functional as F


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.idx, ctx.shape = idx, weight.shape
        return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight

    @staticmethod
    def backward(ctx, upstream):
        table = upstream.new_zeros(ctx.shape)
        table[ctx.idx] = upstream
        return table, None


def one_hot_lookup(weight, idx):
    return Product.apply(weight, idx)
