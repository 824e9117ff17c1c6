# fails: any_shape: squeeze removes sizes of one
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (contexts[negatives] @ c.unsqueeze(-1)).squeeze()
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
