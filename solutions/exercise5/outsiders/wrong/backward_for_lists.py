# fails: gradient: the backward of its own Function accepts only a list of ids

import torch
from torch.nn import functional as F


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows, weight):
        ctx.rows = rows
        return rows @ weight

    @staticmethod
    def backward(ctx, upstream):
        return None, ctx.rows.t().mm(upstream)


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return Product.apply(rows, weight)
