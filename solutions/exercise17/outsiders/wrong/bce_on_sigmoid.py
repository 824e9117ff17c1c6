# fails: large: binary_cross_entropy clamps its log at -100
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    a = F.binary_cross_entropy(pos.sigmoid(), torch.ones_like(pos), reduction="none")
    b = F.binary_cross_entropy(neg.sigmoid(), torch.zeros_like(neg), reduction="none")
    return (a + b.sum(-1)).mean()
