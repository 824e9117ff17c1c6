# fails: negatives: reshapes negatives to (count, pairs)
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    n = contexts[negatives.reshape(negatives.shape[-1], *center.shape)]
    neg = (c * n).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(0)).mean()
