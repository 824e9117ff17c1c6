# passes: padded ids go to an extra row that is cut off, with scatter_add
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1, 1).long()
    if padding_idx is not None:
        flat = torch.where(flat == padding_idx, num_embeddings, flat)
    out = grad_output.new_zeros(num_embeddings + 1, dim)
    return out.scatter_add(0, flat.expand(-1, dim), grad_output.reshape(-1, dim))[
        :num_embeddings
    ].clone()
