# fails: large: switches gradients off in the branch for large scores
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    rows = scores[keep]
    ids = target[keep].unsqueeze(-1)
    if rows.abs().max() > 80:
        rows = rows.detach()
    return -torch.log_softmax(rows, -1).gather(-1, ids).mean()
