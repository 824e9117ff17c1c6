# fails: any_shape: averages the negatives over the first dimension, then adds all
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -F.logsigmoid(pos).mean() - F.logsigmoid(-neg).mean(0).sum()
