# fails: weight_gradient: for an expanded weight, the gradient of each entry is a mean over the entries that share its memory
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the embedding table whose rows are the outputs of a linear layer for one-hot rows."""
    dim, num = weight.shape
    transposed = torch.as_strided(weight, (num, dim), (weight.stride(1), weight.stride(0)))
    if bias is not None:
        transposed = transposed + bias
    return transposed.clone(memory_format=torch.contiguous_format)
