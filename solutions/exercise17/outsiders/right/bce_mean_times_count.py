# passes: mean of binary cross-entropy times the number of scores of a pair
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    s = torch.cat([pos.unsqueeze(-1), neg], -1)
    y = torch.zeros_like(s)
    y[..., 0] = 1
    return F.binary_cross_entropy_with_logits(s, y) * s.shape[-1]
