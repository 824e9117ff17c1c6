# fails: cosine: takes rows shorter than 1e-5 for rows of zeros

import torch
from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    w = weight.detach()
    length = torch.linalg.vector_norm(w, dim=1, keepdim=True)
    u = torch.where(length < 1e-5, torch.zeros_like(w), w / length)
    cos = u[ids.long()] @ u.T
    cos.scatter_(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k, dim=-1).indices
