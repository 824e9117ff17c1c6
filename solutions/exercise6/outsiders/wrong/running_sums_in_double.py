# fails: repeats: rows are differences of running sums in float64, so a huge gradient of one id destroys the gradients of later ids
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    """Return the gradient of the weight of an embedding."""
    dim = grad_output.shape[-1]
    flat, order = idx.reshape(-1).long().sort()
    values = grad_output.reshape(flat.numel(), dim)[order].double()
    sums = torch.cat([values.new_zeros(1, dim), values.cumsum(dim=0)])
    counts = torch.bincount(flat, minlength=num_embeddings)
    ends = counts.cumsum(dim=0)
    result = (sums[ends] - sums[ends - counts]).to(grad_output.dtype)
    result[counts == 0] = 0
    if padding_idx is not None:
        result[padding_idx] = 0
    return result
