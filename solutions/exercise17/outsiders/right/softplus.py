# passes: softplus instead of the log of the sigmoid
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = F.embedding(center, centers)
    pos = (c * F.embedding(context, contexts)).sum(-1)
    neg = (c[..., None, :] * F.embedding(negatives, contexts)).sum(-1)
    return (F.softplus(-pos) + F.softplus(neg).sum(-1)).mean()
