# passes: one-hot rows times log-softmax
from torch.nn import functional as F


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    table = F.log_softmax(scores[keep], dim=-1)
    one_hot = F.one_hot(target[keep], scores.shape[-1]).to(table.dtype)
    return -(one_hot * table).sum(-1).mean()
