# passes: a function of its own with a backward that skips the padding
import torch
from torch import nn
from torch.nn import functional as F


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, padding):
        ctx.save_for_backward(idx)
        ctx.like, ctx.padding = weight.shape, padding
        return F.embedding(idx, weight)

    @staticmethod
    def backward(ctx, pull):
        (idx,) = ctx.saved_tensors
        total = pull.new_zeros(ctx.like)
        total.index_put_((idx,), pull, accumulate=True)
        if ctx.padding is not None:
            total[ctx.padding] = 0
        return total, None, None


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None):
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx = num_embeddings + padding_idx
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        table = torch.randn(num_embeddings, embedding_dim)
        if padding_idx is not None:
            table[padding_idx] = 0
        self.weight = nn.Parameter(table)

    def forward(self, idx):
        return Rows.apply(self.weight, idx, self.padding_idx)
