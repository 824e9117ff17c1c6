# passes: multiplies each row of the table and adds them up

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return rows.unsqueeze(-1).mul(weight).sum(-2)
