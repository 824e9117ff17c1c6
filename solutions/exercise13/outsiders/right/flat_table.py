import torch
import torch.nn.functional as F
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    num = scores.shape[-1]
    flat = target.reshape(-1)
    where = torch.nonzero(flat != ignore_index).reshape(-1)
    ids = flat.index_select(0, where)
    if int(ids.min()) < 0 or int(ids.max()) >= num:
        raise ValueError("target has an id that is no class")
    table = F.log_softmax(scores.reshape(-1, num)[where], dim=1).reshape(-1, 1)
    return F.embedding(ids + num * torch.arange(len(ids)), table).mean().neg()
