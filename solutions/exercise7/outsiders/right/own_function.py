"""A custom autograd function whose backward skips the padding ids."""

import torch
from torch import Tensor, nn


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, padding_idx):
        ctx.save_for_backward(idx)
        ctx.size, ctx.padding_idx = weight.shape, padding_idx
        return weight[idx].clone()

    @staticmethod
    def backward(ctx, grad):
        (idx,) = ctx.saved_tensors
        ids, rows = idx.reshape(-1), grad.reshape(idx.numel(), ctx.size[1])
        if ctx.padding_idx is not None:
            keep = ids != ctx.padding_idx
            ids, rows = ids[keep], rows[keep]
        return grad.new_zeros(ctx.size).index_add_(0, ids, rows), None, None


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        if padding_idx is not None:
            padding_idx = range(num_embeddings)[padding_idx]
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))
        nn.init.normal_(self.weight)
        if padding_idx is not None:
            nn.init.zeros_(self.weight[padding_idx])

    def forward(self, idx: Tensor) -> Tensor:
        if idx.dtype not in (torch.int64, torch.int32):
            raise ValueError(f"ids have dtype {idx.dtype}")
        if bool((idx < 0).any()):
            raise ValueError("negative id")
        return _Rows.apply(self.weight, idx, self.padding_idx)
