# passes: a small class stands for the layer and receives one-hot rows

from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass
class Affine:
    weight: torch.Tensor
    bias: torch.Tensor | None

    def forward(self, rows):
        result = rows @ self.weight.T
        if self.bias is not None:
            result = result + self.bias
        return result


def linear_to_embedding(weight, bias=None):
    num = weight.shape[1]
    rows = F.one_hot(torch.arange(num, device=weight.device), num)
    return Affine(weight, bias).forward(rows.to(weight.dtype))
