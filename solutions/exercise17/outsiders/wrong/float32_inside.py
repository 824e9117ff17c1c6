# fails: types: computes in float32 and converts back

import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    rows = centers[center].float()
    good = (rows * contexts[context].float()).sum(-1)
    bad = (rows.unsqueeze(-2) * contexts[negatives].float()).sum(-1)
    loss = -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(-1)).mean()
    return loss.to(centers.dtype)
