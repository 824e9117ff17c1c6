# fails: dtype: the range check adds up the one-hot matrix in the dtype of weight, so 257 valid ids raise an error in bfloat16
import torch
from torch import Tensor


def one_hot(inputs: Tensor, depth: int, dtype: torch.dtype) -> Tensor:
    """jax.nn.one_hot: an id out of range gives a row of zeros."""
    return (inputs[..., None] == torch.arange(depth, device=inputs.device)).to(dtype)


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    hot = one_hot(idx.reshape(-1), num, weight.dtype)
    if hot.sum().item() != idx.numel():
        raise IndexError("an id is not in the table")  # JAX would return zeros
    return torch.mm(hot, weight).reshape(*idx.shape, dim)
