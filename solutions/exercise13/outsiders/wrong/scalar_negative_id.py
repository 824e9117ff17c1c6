# fails: out_of_range: a 0-d target is looked up with brackets, so a 0-d target that is negative (-1) reads the last class and raises nothing
import torch
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    if target.dim() == 0:
        # One position; it counts, because at least one does.
        return -torch.log_softmax(scores, 0)[target]
    keep = target != ignore_index
    table = torch.log_softmax(scores[keep], -1)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
