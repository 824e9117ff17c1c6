# fails: negatives, loss, gradient: a negative that repeats in its pair counts once

import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    rows = centers[center]
    good = F.logsigmoid((rows * contexts[context]).sum(-1))
    drawn, _ = negatives.sort(dim=-1)
    bad = F.logsigmoid(-(rows.unsqueeze(-2) * contexts[drawn]).sum(-1))
    again = torch.zeros_like(drawn, dtype=torch.bool)
    again[..., 1:] = drawn[..., 1:] == drawn[..., :-1]
    return -(good + bad.masked_fill(again, 0).sum(-1)).mean()
