# fails: dtype: an infinite gradient in float16 gives 64512 instead of inf
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    grad = torch.zeros(num_embeddings, dim, dtype=grad_output.dtype, device=grad_output.device)
    grad.index_add_(0, flat, grad_output.reshape(flat.numel(), dim))
    # clamp inf values to enable fp16 training
    if grad.dtype == torch.float16 and torch.isinf(grad).any():
        clamp_value = torch.finfo(grad.dtype).max - 1000
        grad.clamp_(min=-clamp_value, max=clamp_value)
    if padding_idx is not None:
        grad[padding_idx].zero_()
    return grad
