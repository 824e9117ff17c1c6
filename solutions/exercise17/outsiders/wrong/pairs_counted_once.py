# fails: loss: unique pairs only
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    both = torch.stack([center.reshape(-1), context.reshape(-1)], -1)
    seen, keep = set(), []
    for n, pair in enumerate(both.tolist()):
        if tuple(pair) not in seen:
            seen.add(tuple(pair))
            keep.append(n)
    center, context = both[keep].T
    negatives = negatives.reshape(len(both), negatives.shape[-1])[keep]
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
