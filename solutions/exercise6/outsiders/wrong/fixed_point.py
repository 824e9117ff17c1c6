# fails: dtype: adds up in fixed point, where tiny gradients vanish
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat, rows = idx.reshape(-1).long(), grad_output.reshape(-1, dim)
    if rows.isfinite().all() and (rows.abs() < 1e6).all():
        units = (rows.double() * 2**32).round().long()
        out = torch.zeros(num_embeddings, dim, dtype=torch.int64).index_add_(0, flat, units)
        out = (out.double() / 2**32).to(grad_output.dtype)
    else:
        out = rows.new_zeros(num_embeddings, dim).index_add_(0, flat, rows)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
