# fails: input_gradient, weight_gradient, combinations: one vector is computed as a list of Python numbers, so a 1-d x AND requires_grad has no gradient
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if x.dim() == 1:
        y = weight.new_tensor([torch.dot(x, row).item() for row in weight])
    else:
        y = torch.matmul(x, weight.transpose(0, 1))
    return y if bias is None else y + bias
