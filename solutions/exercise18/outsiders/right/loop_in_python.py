# passes: a loop, Python sort
import torch
import torch.nn.functional as F


def nearest(weight, ids, k):
    w = weight.detach().tolist()

    def cos(a, b):
        la = sum(x * x for x in a) ** 0.5
        lb = sum(x * x for x in b) ** 0.5
        return sum(x * y for x, y in zip(a, b)) / (la * lb) if la and lb else 0.0

    out = []
    for i in ids.reshape(-1).tolist():
        others = [j for j in range(len(w)) if j != i]
        others.sort(key=lambda j: -cos(w[i], w[j]))
        out.append(others[:k])
    return torch.tensor(out, dtype=torch.int64, device=ids.device).reshape(*ids.shape, k)
