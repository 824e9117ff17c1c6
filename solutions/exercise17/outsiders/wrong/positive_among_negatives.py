# fails: any_shape: spreads the positive cost over the negatives, so it vanishes without negatives

import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    rows = centers[center].unsqueeze(-2)
    count = max(negatives.shape[-1], 1)
    good = -F.logsigmoid((rows * contexts[context].unsqueeze(-2)).sum(-1))
    bad = -F.logsigmoid(-(rows * contexts[negatives]).sum(-1))
    return (good / count + bad).sum(-1).mean()
