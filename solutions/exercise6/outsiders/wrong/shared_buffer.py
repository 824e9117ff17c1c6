# fails: inputs_untouched: reuses one buffer per shape, so a later call changes an earlier result
import torch
from torch import Tensor

_buffers: dict = {}


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    key = (num_embeddings, dim, grad_output.dtype, grad_output.device)
    if key not in _buffers:
        _buffers[key] = torch.empty(
            num_embeddings, dim, dtype=grad_output.dtype, device=grad_output.device
        )
    grad = _buffers[key].zero_()
    grad.index_add_(0, idx.reshape(-1), grad_output.detach().reshape(-1, dim))
    if padding_idx is not None:
        grad[padding_idx] = 0
    return grad
