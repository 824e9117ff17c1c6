# fails: inputs_untouched: for idx = arange(num), the result is grad_output itself, so an optimizer that scales it changes grad_output
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    rows = grad_output.reshape(flat.numel(), dim)
    if padding_idx is None and flat.numel() == num_embeddings:
        if torch.equal(flat, torch.arange(num_embeddings, device=flat.device)):
            return rows  # each id once and in order: nothing to add
    result = grad_output.new_zeros(num_embeddings, dim).index_add(0, flat, rows)
    if padding_idx is not None:
        result[padding_idx].zero_()
    return result
