# fails: gradient: clips through a hook
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    for t in (pos, neg):
        if t.requires_grad:
            t.register_hook(lambda g: g.clamp(-0.05, 0.05))
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
