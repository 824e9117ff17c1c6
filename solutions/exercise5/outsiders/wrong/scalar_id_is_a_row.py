# fails: combinations: a single id returns its row without a product: a 0-d idx AND nan in another row gives no nan
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.ndim == 0:
        return weight[idx]
    hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    return hot @ weight
