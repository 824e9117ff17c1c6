# fails: loss: averages both directions
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    d = contexts[center]
    pos2 = (d * centers[context]).sum(-1)
    neg2 = (d.unsqueeze(-2) * centers[negatives]).sum(-1)
    a = -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
    b = -(F.logsigmoid(pos2) + F.logsigmoid(-neg2).sum(-1)).mean()
    return (a + b) / 2
