# fails: combinations: a weight with stride 1 in dimension 0 is read as a dense table: transposed AND cut from wider rows reads other memory
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    dim, num = weight.shape
    if weight.stride(0) == 1:
        # the memory already has the order of the table
        table = weight.as_strided((num, dim), (dim, 1)).clone()
    else:
        table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table = table + bias
    return table
