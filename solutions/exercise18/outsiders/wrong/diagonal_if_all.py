# fails: not_itself: if there are as many ids as rows, they are taken for 0, 1, 2, …
import torch
import torch.nn.functional as F
from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    table = weight.detach().double()
    lengths = table.norm(dim=1, keepdim=True)
    unit = table / torch.where(lengths == 0, torch.ones_like(lengths), lengths)
    flat = ids.reshape(-1).long()
    cosines = unit[flat] @ unit.T
    if flat.shape[0] == table.shape[0]:
        cosines.fill_diagonal_(-float("inf"))
    else:
        cosines[torch.arange(flat.shape[0]), flat] = -float("inf")
    return cosines.topk(k, dim=1).indices.reshape(ids.shape + (k,))
