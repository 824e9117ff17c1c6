# fails: gradient: the loss is a mean, but its gradient is that of the sum
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    total = -table.gather(-1, target[keep].unsqueeze(-1)).sum()
    return total + (total / keep.sum() - total).detach()
