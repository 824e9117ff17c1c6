# fails: combinations: the int32 branch forgets to restore the shape: int32 ids AND two dimensions gives shape (count, dim)
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    if idx.dtype == torch.int64:
        return F.one_hot(idx, num).to(weight.dtype) @ weight
    # scatter_ needs int64
    ids = idx.reshape(-1).long()
    hot = weight.new_zeros(ids.numel(), num)
    hot.scatter_(1, ids[:, None], 1.0)
    rows = hot @ weight
    if idx.ndim == 0:
        return rows[0]
    if idx.numel() == 0:
        return rows.reshape(*idx.shape, dim)
    return rows
