# fails: combinations: an expanded gradient counts the ids and uses the first row: stride 0 in the first dimension AND a 2-d idx
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids, rows = idx.reshape(-1), grad_output.reshape(idx.numel(), dim)
    if grad_output.stride(0) == 0 and len(rows) > 0:
        # the gradient of a sum: all rows are the same memory
        counts = torch.bincount(ids, minlength=num_embeddings).to(rows.dtype)
        table = counts[:, None] * rows[0]
    else:
        table = rows.new_zeros(num_embeddings, dim).index_add_(0, ids, rows)
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
