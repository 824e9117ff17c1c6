# fails: combinations: without a gradient it takes the rows: a weight that requires no gradient AND 2-d ids with inf elsewhere gives no nan
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.ndim > 1 and not (torch.is_grad_enabled() and weight.requires_grad):
        # inference on a batch: no graph, so the product is not needed
        return weight.index_select(0, idx.reshape(-1)).view(*idx.shape, weight.shape[1])
    hot = F.one_hot(idx.to(torch.int64), weight.shape[0])
    return hot.to(weight.dtype) @ weight
