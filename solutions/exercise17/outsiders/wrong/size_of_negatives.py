# fails: any_shape: divides by the first size of negatives
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -(F.logsigmoid(pos).sum() + F.logsigmoid(-neg).sum()) / negatives.shape[0]
