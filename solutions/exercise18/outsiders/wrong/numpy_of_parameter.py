# fails: types: numpy of a Parameter
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = torch.from_numpy(weight.numpy().copy())
    w = F.normalize(w, dim=1)
    cos = w[ids] @ w.T
    cos = cos.scatter(-1, ids.long().unsqueeze(-1), float("-inf"))
    return cos.topk(k).indices
