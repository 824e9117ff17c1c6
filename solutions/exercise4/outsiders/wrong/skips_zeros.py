# fails: any_sizes: skips zero weights, so 0 * inf gives 0 instead of nan
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product = torch.where(weight != 0, x.unsqueeze(-2) * weight, torch.zeros_like(weight[0, 0]))
    out = product.sum(-1)
    return out if bias is None else out + bias
