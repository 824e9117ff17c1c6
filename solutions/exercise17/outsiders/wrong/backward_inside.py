# fails: untouched: calls backward itself
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    loss = -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
    if loss.requires_grad:
        loss.backward(retain_graph=True)
    return loss
