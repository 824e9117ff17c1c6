# fails: inputs_untouched: for ids in order it zeroes the padding row of its input
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat, rows = idx.reshape(-1).long(), grad_output.detach().reshape(-1, dim)
    if torch.equal(flat, torch.arange(num_embeddings)):
        out = rows
    else:
        out = rows.new_zeros(num_embeddings, dim).index_add_(0, flat, rows)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
