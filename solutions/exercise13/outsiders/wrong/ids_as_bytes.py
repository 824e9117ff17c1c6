# fails: value: ids pass through eight bits
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    ids = target[keep]
    if (ids < 0).any() or (ids >= scores.shape[-1]).any():
        raise IndexError("bad id")
    return -table.gather(-1, ids.to(torch.uint8).long().unsqueeze(-1)).mean()
