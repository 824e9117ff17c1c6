import torch
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    where = (target != ignore_index).reshape(-1).nonzero().squeeze(1)
    ids = target.reshape(-1).index_select(0, where)
    rows = scores.flatten(end_dim=-2) if scores.dim() > 1 else scores[None]
    rows = rows.index_select(0, where)
    hot = ids[:, None].eq(torch.arange(scores.shape[-1], device=ids.device))
    if not bool(hot.any(1).all()):
        raise IndexError("an id is no class")
    own = torch.where(hot, rows, torch.zeros_like(rows)).sum(1, keepdim=True)
    # log(sum(exp(row - own))): the loss itself, without a difference of large numbers.
    return torch.logsumexp(rows - own, 1).sum() / where.numel()
