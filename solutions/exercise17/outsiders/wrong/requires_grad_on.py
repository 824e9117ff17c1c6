# fails: untouched: makes the tables require a gradient
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    centers.requires_grad_()
    contexts.requires_grad_()
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
