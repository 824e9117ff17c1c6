# fails: inputs_untouched: a second backward pass through one result also returns the gradient of the first
import torch
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    """Return the cost of getting ``num_indices`` rows by a one-hot product and by a lookup."""
    num, dim, n = num_embeddings, embedding_dim, num_indices
    return dict(
        product_multiply_adds=n * num * dim,
        product_bytes=4 * n * num + 4 * num * dim + 4 * n * dim,
        lookup_multiply_adds=0,
        lookup_bytes=n * (8 + 4 * dim + 4 * dim),
    )


class _Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.idx = idx.flatten()
        ctx.buffer = None
        ctx.shape = weight.shape
        return weight.index_select(0, ctx.idx).reshape(*idx.shape, weight.shape[1])

    @staticmethod
    def backward(ctx, grad):
        if ctx.buffer is None:  # allocate the large tensor only once
            ctx.buffer = grad.new_zeros(ctx.shape)
        ctx.buffer.index_add_(0, ctx.idx, grad.reshape(-1, ctx.shape[1]))
        return ctx.buffer, None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the rows of ``weight`` for the ids in ``idx``, shape (*idx.shape, dim)."""
    return _Lookup.apply(weight, idx)
