# fails: loss: tables of more than 256 words are summed in blocks whose running maximum starts at 0, so more than 256 words and scores that are all very low give inf
import torch
from torch import Tensor
from torch.nn import functional as F


def padded_size(num: int, multiple: int) -> int:
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    rows, ids = hidden.reshape(-1, hidden.shape[-1]), target.reshape(-1)
    if num <= 256:
        return F.cross_entropy(rows @ weight[:num].T, ids)
    if ids.max() >= num:
        raise IndexError("a target names a spare row")
    # Never hold all scores at once.
    top = rows.new_zeros(rows.shape[0])
    total = rows.new_zeros(rows.shape[0])
    for begin in range(0, num, 256):
        scores = rows @ weight[begin : min(begin + 256, num)].T
        new = torch.maximum(top, scores.detach().amax(1))
        total = total * (top - new).exp() + (scores - new.unsqueeze(1)).exp().sum(1)
        top = new
    own = (rows * weight[ids]).sum(1)
    return (total.log() + top - own).mean()
