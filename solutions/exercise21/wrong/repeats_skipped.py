"""If an id repeats, your code uses only the first of its gradients.

`unique` tells which rows to move, but every use has a gradient of its own, and they add up. Bring
all gradients of one id together before you drop its repeats.
"""

# caught by: repeats

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Use the first gradient only."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    seen = set()
    with torch.no_grad():
        for number, row in zip(ids.tolist(), rows, strict=True):
            if number not in seen:
                weight[number] -= lr * row
            seen.add(number)
