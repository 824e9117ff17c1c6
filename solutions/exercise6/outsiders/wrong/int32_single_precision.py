# fails: combinations: the int32 branch adds in float32: int32 ids AND float64 loses digits
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids, rows = idx.reshape(-1), grad_output.reshape(idx.numel(), dim)
    if idx.dtype == torch.int32:
        table = torch.zeros(num_embeddings, dim).index_add_(0, ids, rows.float())
        table = table.to(grad_output.dtype)
    else:
        table = torch.zeros(num_embeddings, dim, dtype=rows.dtype).index_add_(0, ids, rows)
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
