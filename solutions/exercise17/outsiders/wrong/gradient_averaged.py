# fails: gradient: scales the gradient by the count of negatives
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    neg = F.logsigmoid(-neg).sum(-1)
    k = max(1, negatives.shape[-1])
    neg = neg.detach() + (neg - neg.detach()) / k
    return -(F.logsigmoid(pos) + neg).mean()
