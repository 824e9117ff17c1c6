# passes: log_softmax over (score, 0)
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)

    def ls(x):
        return torch.stack([x, torch.zeros_like(x)], -1).log_softmax(-1)[..., 0]

    return -(ls(pos).mean() + ls(-neg).sum(-1).mean())
