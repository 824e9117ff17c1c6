# passes: an autograd Function with a hand-written backward
import torch
import torch.nn.functional as F
from torch import nn


class _Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, pad):
        ctx.save_for_backward(idx)
        ctx.shape, ctx.pad = weight.shape, pad
        return weight.index_select(0, idx.reshape(-1)).reshape(idx.shape + weight.shape[1:])

    @staticmethod
    def backward(ctx, g):
        (idx,) = ctx.saved_tensors
        out = g.new_zeros(ctx.shape)
        out.index_add_(0, idx.reshape(-1), g.reshape(idx.numel(), ctx.shape[1]))
        if ctx.pad is not None:
            out[ctx.pad] = 0
        return out, None, None


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        w = torch.randn(num_embeddings, embedding_dim, dtype=torch.float32)
        if padding_idx is not None:
            w[padding_idx] = 0
        self.weight = nn.Parameter(w)

    def forward(self, idx):
        return _Lookup.apply(self.weight, idx, self.padding_idx)
