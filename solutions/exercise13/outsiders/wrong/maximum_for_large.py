# fails: large: takes the largest score as the normalizer of large scores, and its gradient is fixed
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    rows, ids = scores[keep], target[keep].unsqueeze(-1)
    if rows.abs().max() > 80:
        return (rows.amax(-1) - rows.gather(-1, ids).squeeze(-1)).mean()
    return -torch.log_softmax(rows, -1).gather(-1, ids).mean()
