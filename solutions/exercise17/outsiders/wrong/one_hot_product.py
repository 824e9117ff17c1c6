# fails: gradient: one-hot products spread nan
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    hot = lambda i: F.one_hot(i.long(), len(centers)).to(centers.dtype)
    c = hot(center) @ centers
    pos = (c * (hot(context) @ contexts)).sum(-1)
    neg = (c.unsqueeze(-2) * (hot(negatives) @ contexts)).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
