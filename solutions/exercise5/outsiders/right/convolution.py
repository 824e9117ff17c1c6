# passes: a convolution of width 1 over the one-hot rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.reshape(-1).long(), len(weight)).to(weight.dtype)
    result = F.conv1d(rows[:, :, None], weight.T[:, :, None])
    return result.reshape(*idx.shape, weight.shape[1])
