# fails: inputs_untouched: one id for a table of one row returns a view of grad_output: num_embeddings 1 AND one id shares memory
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(-1, dim) if idx.numel() else grad_output.new_zeros(0, dim)
    if num_embeddings == len(rows) == 1 and padding_idx is None:
        return rows
    table = grad_output.new_zeros(num_embeddings, dim)
    table.index_add_(0, idx.reshape(-1), rows)
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
