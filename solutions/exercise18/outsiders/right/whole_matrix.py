# passes: the whole matrix of cosines, then the rows of ids
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = F.normalize(weight.detach(), dim=1)
    cos = (w @ w.T).fill_diagonal_(-9)
    return cos[ids].topk(k, dim=-1).indices
