# fails: gradient: the backward of its own Function accepts only a list of ids

import torch


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.save_for_backward(weight, idx)
        return weight[idx]

    @staticmethod
    def backward(ctx, upstream):
        weight, idx = ctx.saved_tensors
        return torch.zeros_like(weight).index_add(0, idx, upstream), None


def lookup(weight, idx):
    return Rows.apply(weight, idx)
