# fails: combinations: a table of one row is the sum of all gradients: num_embeddings 1 AND padding_idx 0 is not zero
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(idx.numel(), dim)
    if num_embeddings == 1:
        return rows.sum(0, keepdim=True)
    table = grad_output.new_zeros(num_embeddings, dim)
    table.index_add_(0, idx.reshape(-1), rows)
    if padding_idx is not None:
        table[padding_idx].zero_()
    return table
