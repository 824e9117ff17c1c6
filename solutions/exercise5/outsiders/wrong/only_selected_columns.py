# fails: dtype, product: multiplies only with the unique selected rows of the table
import torch
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    used, position = torch.unique(idx.long(), return_inverse=True)
    small = weight[used]
    one_hot = torch.eye(used.numel(), dtype=weight.dtype, device=weight.device)[
        position.reshape(-1)
    ]
    return (one_hot @ small).reshape(idx.shape + (dim,))
