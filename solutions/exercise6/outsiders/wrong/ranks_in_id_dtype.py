# fails: id_types: the ranks of int32 ids overflow, so runs of one id break up, and only the last part of each remains
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    """Sort by rank, then add up each run of equal ids."""
    dim = grad_output.shape[-1]
    result = grad_output.new_zeros(num_embeddings, dim)
    flat = idx.reshape(-1)
    count = flat.numel()
    if count == 0:
        return result
    grads = grad_output.reshape(count, dim)
    # a rank per pair (id, position) makes the order unique, like in Lift-Splat-Shoot
    ranks = flat * count + torch.arange(count, dtype=flat.dtype, device=flat.device)
    sorts = ranks.argsort()
    ids, grads = flat[sorts].long(), grads[sorts]
    first = torch.ones(count, dtype=torch.bool, device=flat.device)
    first[1:] = ids[1:] != ids[:-1]
    run = first.cumsum(0) - 1
    sums = grads.new_zeros(int(run[-1]) + 1, dim).index_add_(0, run, grads)
    result[ids[first]] = sums
    if padding_idx is not None:
        result[padding_idx] = 0
    return result
