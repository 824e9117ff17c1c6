# fails: dtype: gradients whose squares are zero in their dtype are skipped, such as 1e-30 in float32
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    grad = grad_output.detach().reshape(ids.numel(), dim)
    used = grad.square().sum(-1) != 0  # rows of zeros add nothing
    if padding_idx is not None:
        used = used & (ids != padding_idx)
    result = grad.new_zeros(num_embeddings, dim)
    return result.index_add_(0, ids[used], grad[used])
