# fails: untouched: sets the default dtype
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    torch.set_default_dtype(centers.dtype)
    torch.manual_seed(0)
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
