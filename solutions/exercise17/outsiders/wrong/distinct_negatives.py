# fails: negatives: counts a repeated negative once
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    total = 0
    flat = negatives.reshape(-1, negatives.shape[-1])
    for c, o, others in zip(center.reshape(-1), context.reshape(-1), flat):
        total = total - F.logsigmoid(centers[c] @ contexts[o])
        total = total - F.logsigmoid(-(contexts[others.unique()] @ centers[c])).sum()
    return total / center.numel()
