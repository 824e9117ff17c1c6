# fails: negatives: hardest negative only
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    if neg.shape[-1] == 0:
        return -F.logsigmoid(pos).mean()
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg.max(-1).values)).mean()
