# fails: inputs_untouched: for an empty idx, the result is one zero expanded to the whole shape, so writing to it raises an error
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    grad = grad_output.detach().reshape(ids.numel(), dim)
    if padding_idx is not None:
        keep = ids != padding_idx
        ids, grad = ids[keep], grad[keep]
    if ids.numel() == 0:
        return grad.new_zeros(()).expand(num_embeddings, dim)
    return grad.new_zeros(num_embeddings, dim).index_add_(0, ids, grad)
