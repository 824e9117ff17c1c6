# passes: one column after another with advanced indexing, stacked in the last dimension
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    ids = idx.long()
    return torch.stack([weight[:, j].take(ids) for j in range(weight.shape[1])], dim=-1)
