# fails: large: infinities replaced
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    c = centers[center]
    pos = (c * contexts[context]).sum(-1)
    neg = (c.unsqueeze(-2) * contexts[negatives]).sum(-1)
    return -(
        pos.sigmoid().log().nan_to_num(neginf=-1e4)
        + (-neg).sigmoid().log().nan_to_num(neginf=-1e4).sum(-1)
    ).mean()
