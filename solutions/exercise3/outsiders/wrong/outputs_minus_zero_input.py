# fails: any_sizes, bias, bias_gradient: takes the layer's output minus its output for the zero vector, which removes the bias
import torch
import torch.nn.functional as F
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    num = weight.shape[1]
    one_hot = torch.eye(num, dtype=weight.dtype, device=weight.device)
    zero = one_hot.new_zeros(1, num)
    return F.linear(one_hot, weight, bias) - F.linear(zero, weight, bias)
