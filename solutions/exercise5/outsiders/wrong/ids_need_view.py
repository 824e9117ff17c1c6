# fails: any_rank: view raises for ids that are not contiguous

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long().view(-1), len(weight)).to(weight.dtype)
    return (rows @ weight).view(*idx.shape, weight.shape[1])
