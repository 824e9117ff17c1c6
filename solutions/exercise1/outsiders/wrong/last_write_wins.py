# fails: gradient: its backward assigns rows, so repeated rows do not add up

import torch


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.idx, ctx.shape = idx, weight.shape
        return weight[idx]

    @staticmethod
    def backward(ctx, upstream):
        table = upstream.new_zeros(ctx.shape)
        table[ctx.idx] = upstream
        return table, None


def lookup(weight, idx):
    return Rows.apply(weight, idx)
