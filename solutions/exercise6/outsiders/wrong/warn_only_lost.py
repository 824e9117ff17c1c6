# fails: inputs_untouched: it restores deterministic mode without the caller's warn_only=True
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    rows = grad_output.reshape(flat.numel(), dim)
    result = torch.zeros(num_embeddings, dim, dtype=grad_output.dtype, device=grad_output.device)
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        result.index_add_(0, flat, rows)
    finally:
        torch.use_deterministic_algorithms(before)
    if padding_idx is not None:
        result[padding_idx] = 0
    return result
