# fails: positive: ids become int16

import torch
from torch.nn import functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    center, context, negatives = (x.to(torch.int16).int() for x in (center, context, negatives))
    c = centers[center]
    bad = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    good = (c * contexts[context]).sum(-1)
    return (F.softplus(-good, threshold=60) + F.softplus(bad, threshold=60).sum(-1)).mean()
