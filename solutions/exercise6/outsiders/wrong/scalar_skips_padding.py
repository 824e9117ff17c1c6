# fails: combinations: a single id returns before the padding row is cleared: a 0-d idx AND padding_idx equal to it
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    table = grad_output.new_zeros((num_embeddings, dim))
    if idx.dim() == 0:
        table[int(idx)] = grad_output
        return table
    table.index_add_(0, idx.flatten(), grad_output.flatten(0, -2))
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
