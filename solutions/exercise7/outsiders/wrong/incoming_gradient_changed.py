# fails: padding_gradient: its backward changes the incoming gradient in place
import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()

    def forward(self, idx: Tensor) -> Tensor:
        if idx.is_floating_point():
            raise TypeError("ids must be integers")
        if bool(((idx < 0) | (idx >= self.num_embeddings)).any()):
            raise IndexError("id out of range")
        return _Rows.apply(self.weight, idx, self.padding_idx)


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, padding_idx):
        ctx.save_for_backward(idx)
        ctx.num, ctx.padding_idx = weight.shape[0], padding_idx
        return weight[idx]

    @staticmethod
    def backward(ctx, grad):
        (idx,) = ctx.saved_tensors
        flat, rows = idx.reshape(-1), grad.reshape(-1, grad.shape[-1])
        if ctx.padding_idx is not None:
            rows[flat == ctx.padding_idx] = 0
        return rows.new_zeros(ctx.num, rows.shape[1]).index_add_(0, flat, rows), None, None
