# fails: any_shape: fails without negatives
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    best = neg.max(-1).values
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean() + 0 * best.mean()
