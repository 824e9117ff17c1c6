# fails: combinations: for one id, the bias is read as a dense row, so num 1 AND a non-contiguous bias adds other numbers
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    dim, num = weight.shape
    if num == 1:
        row = weight.reshape(1, dim)
        if bias is None:
            return row.clone(memory_format=torch.contiguous_format)
        return row + bias.as_strided((1, dim), (dim, 1))
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
