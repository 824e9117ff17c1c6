# passes: an autograd.Function whose backward adds rows for ids of any shape

import torch


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.save_for_backward(idx)
        ctx.shape = weight.shape
        return weight[idx].clone()

    @staticmethod
    def backward(ctx, upstream):
        (idx,) = ctx.saved_tensors
        flat = upstream.reshape(idx.numel(), ctx.shape[1])
        table = upstream.new_zeros(ctx.shape)
        return table.index_add_(0, idx.reshape(-1), flat), None


def lookup(weight, idx):
    return Rows.apply(weight, idx)
