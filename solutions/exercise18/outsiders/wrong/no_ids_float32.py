# fails: combinations: without ids, the result is float32
import torch


def nearest(weight, ids, k):
    if ids.numel() == 0:
        return torch.zeros(*ids.shape, k)
    table = weight.detach().double()
    lengths = (table * table).sum(1, keepdim=True).sqrt()
    units = table / torch.where(lengths == 0, 1, lengths)
    cosines = units @ units.T
    cosines.fill_diagonal_(-torch.inf)
    return cosines[ids.long()].sort(-1, descending=True).indices[..., :k]
