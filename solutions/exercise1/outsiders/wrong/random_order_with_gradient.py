# fails: inputs_untouched: draws random numbers only if weight requires a gradient
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    rows = weight[idx]
    # visit the rows in a random order so that no row is favoured by rounding
    if rows.dim() > 1 and rows.requires_grad:
        order = torch.randperm(rows.shape[0])
        return rows[order][torch.argsort(order)]
    return rows
