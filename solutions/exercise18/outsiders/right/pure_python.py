import math

import torch


def nearest(weight, ids, k):
    rows = weight.tolist()
    lengths = [math.hypot(*row) for row in rows]

    def cosine(a, b):
        if lengths[a] == 0 or lengths[b] == 0:
            return 0.0
        return math.fsum(x * y for x, y in zip(rows[a], rows[b])) / (lengths[a] * lengths[b])

    def one(a):
        others = [b for b in range(len(rows)) if b != a]
        return sorted(others, key=lambda b: -cosine(a, b))[:k]

    found = [one(a) for a in ids.reshape(-1).tolist()]
    return torch.tensor(found, dtype=torch.int64).reshape(ids.shape + (k,))
