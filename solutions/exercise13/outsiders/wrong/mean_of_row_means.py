# fails: any_shape: averages each row first, and then the rows, whatever they ignore
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    ids = torch.where(keep, target, 0)
    safe = torch.where(keep.unsqueeze(-1), scores, 0)
    losses = -torch.log_softmax(safe, -1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    if target.dim() < 2:
        return losses[keep].mean()
    rows = (losses * keep).sum(-1) / keep.sum(-1).clamp(min=1)
    return rows[keep.any(-1)].mean()
