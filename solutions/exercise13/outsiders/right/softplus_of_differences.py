# passes: the losses are the log-sum-exp of differences to the score of the id
import torch


def cross_entropy(scores, target, ignore_index=-100):
    places = torch.atleast_1d(target != ignore_index).nonzero()[:, 0]
    if target.dim() != 1:
        places = (target.reshape(-1) != ignore_index).nonzero()[:, 0]
    rows = scores.reshape(-1, scores.shape[-1]).index_select(0, places)
    picked = rows.gather(1, target.reshape(-1).index_select(0, places)[:, None])
    return torch.logsumexp(rows - picked, dim=1).mean()
