# fails: repeats: counts two uses of an id at most
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    seen = {}
    with torch.no_grad():
        for i, g in zip(ids.tolist(), rows):
            seen[i] = seen.get(i, 0) + 1
            if seen[i] <= 2:
                weight[i] -= lr * g
