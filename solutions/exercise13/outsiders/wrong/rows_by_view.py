# fails: any_shape: view cannot flatten positions whose dimensions are swapped in memory
import torch


def cross_entropy(scores, target, ignore_index=-100):
    scores, target = scores.view(-1, scores.shape[-1]), target.view(-1)
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
