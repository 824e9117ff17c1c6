# fails: large: softplus becomes linear from 2 on
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return (F.softplus(-pos, threshold=2) + F.softplus(neg, threshold=2).sum(-1)).mean()
