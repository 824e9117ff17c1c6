# fails: any_sizes: above 64 inputs, the last tile multiplies zeros by weights that were read before, so an inf among them gives nan
import torch
from torch import Tensor

BLOCK_K = 64


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply tile by tile, like the matmul tutorial of Triton."""
    size = x.shape[-1]
    if size <= BLOCK_K:
        result = x @ weight.t()
    else:
        wide = torch.promote_types(x.dtype, torch.float32)
        result = torch.zeros((), dtype=wide, device=x.device)
        for k in range(0, size, BLOCK_K):
            offs_k = torch.arange(k, k + BLOCK_K, device=x.device)
            mask = offs_k < size
            # masked load of x: columns beyond the end are 0 and add nothing
            a = torch.where(mask, x[..., offs_k % size], 0)
            b = weight[:, offs_k % size]
            result = result + a.to(wide) @ b.to(wide).t()
        result = result.to(x.dtype)
    return result if bias is None else result + bias
