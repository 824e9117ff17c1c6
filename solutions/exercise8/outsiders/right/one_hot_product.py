# passes: a one-hot product forth and back

from torch.nn import functional as F


def train_step(weight, idx, target, lr):
    old = weight.detach()
    one_hot = F.one_hot(idx.reshape(-1).long(), len(old)).to(old.dtype)
    error = one_hot @ old - target.reshape(-1, old.shape[1])
    return old - lr * 2 / error.numel() * (one_hot.T @ error), (error * error).mean()
