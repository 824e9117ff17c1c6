# fails: ignored: an ignore_index of 0 is taken as no ignore_index
import torch


def cross_entropy(scores, target, ignore_index=-100):
    if ignore_index:
        keep = target != ignore_index
        scores, target = scores[keep], target[keep]
    return -torch.log_softmax(scores, -1).gather(-1, target.unsqueeze(-1)).mean()
