# fails: order: to save time it compares with the first 1000 rows only when the table is larger, so near words further down are missed (and k of 1000 or more fails)
import torch
import torch.nn.functional as F
from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    table = weight.detach()
    flat = ids.reshape(-1).long()
    unit = F.normalize(table, dim=1)
    cos = unit[flat] @ unit[:1000].T
    own = torch.arange(cos.shape[1]) == flat[:, None]
    cos = cos.masked_fill(own, float("-inf"))
    return cos.topk(k, dim=1).indices.reshape(*ids.shape, k)
