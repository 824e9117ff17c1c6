# passes: a one-hot product; only an infinite gradient changes other rows
import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    one_hot = torch.nn.functional.one_hot(idx.reshape(-1).long(), num_embeddings).to(
        grad_output.dtype
    )
    if padding_idx is not None:
        one_hot[:, padding_idx] = 0
    return one_hot.T @ grad_output.reshape(-1, dim)
