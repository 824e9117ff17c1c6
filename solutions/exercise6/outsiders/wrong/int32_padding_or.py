# fails: combinations: the int32 branch writes "padding_idx or -1": int32 ids AND padding_idx 0 keeps the gradient of row 0
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1)
    rows = grad_output.reshape(ids.numel(), dim)
    table = grad_output.new_zeros(num_embeddings, dim)
    if ids.dtype == torch.int32:
        ids = ids.long()
        keep = ids != (padding_idx or -1)
        return table.index_add_(0, ids[keep], rows[keep])
    table.index_add_(0, ids, rows)
    if padding_idx is not None:
        table[padding_idx] = 0
    return table
