# fails: out_of_range: a 0-d id is looked up by slicing, which raises for no id
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.dim() == 0:
        i = int(idx)
        return weight[i : i + 1].sum(0)
    return weight.index_select(0, idx.reshape(-1)).reshape(idx.shape + (weight.shape[1],))
