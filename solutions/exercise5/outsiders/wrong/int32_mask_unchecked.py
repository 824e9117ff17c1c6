# fails: out_of_range: the int32 branch compares ids and never checks them: int32 ids AND an id of num gives zeros and no error
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num = weight.shape[0]
    if idx.dtype == torch.int64:
        hot = F.one_hot(idx, num)
    else:
        # one_hot takes only int64
        hot = idx.unsqueeze(-1) == torch.arange(num, dtype=idx.dtype)
    return hot.to(weight.dtype) @ weight
