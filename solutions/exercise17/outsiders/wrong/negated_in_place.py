# fails: untouched: consecutive negatives are read as a view of the table, which is negated in place
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center.long()]
    pos = (c * contexts[context.long()]).sum(-1)
    flat = negatives.reshape(-1)
    if flat.numel() > 1 and not contexts.requires_grad and bool((flat.diff() == 1).all()):
        rows = contexts[int(flat[0]) : int(flat[-1]) + 1].neg_()
        rows = rows.reshape(*negatives.shape, -1)
    else:
        rows = -contexts[negatives.long()]
    neg = (c.unsqueeze(-2) * rows).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(neg).sum(-1)).mean()
