# fails: bias, dtype, weight_gradient: the one-hot rows are compared as uint8 numbers, so ids 256 apart coincide
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    num = weight.shape[1]
    ids = torch.arange(num, device=weight.device).to(torch.uint8)
    one_hot = (ids[:, None] == ids[None, :]).to(weight.dtype)
    out = one_hot @ weight.T
    if bias is not None:
        out = out + bias
    return out.contiguous()
