# passes: books' column convention: baddbmm of W and column vectors
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    out_size, in_size = weight.shape
    count = x.shape[:-1].numel()
    columns = x.reshape(count, in_size, 1)
    matrices = weight.expand(count, out_size, in_size)
    if bias is None:
        result = torch.bmm(matrices, columns)
    else:
        result = torch.baddbmm(bias.reshape(1, out_size, 1), matrices, columns)
    return result.reshape(*x.shape[:-1], out_size)
