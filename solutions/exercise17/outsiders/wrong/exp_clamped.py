# fails: large: exp of clamped scores
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)

    def nls(x):
        return torch.log(1 + torch.exp((-x).clamp(max=80)))

    return (nls(pos) + nls(-neg).sum(-1)).mean()
