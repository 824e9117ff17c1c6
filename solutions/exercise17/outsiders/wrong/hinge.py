# fails: positive: hinge loss instead of logistic
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return (F.relu(1 - pos) + F.relu(1 + neg).sum(-1)).mean()
