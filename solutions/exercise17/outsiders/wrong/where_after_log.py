# fails: gradient: nan through where
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)

    def ls(x):
        return torch.where(x > -30, torch.log(torch.sigmoid(x)), x)

    return -(ls(pos) + ls(-neg).sum(-1)).mean()
