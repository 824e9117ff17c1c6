# fails: value: works in chunks of 256 positions and takes the mean of the chunk means, wrong if the last chunk is shorter

import torch
from torch import Tensor

CHUNK = 256  # saves memory for long texts


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    num = scores.shape[-1]
    keep = target != ignore_index
    ids, rows = target[keep], scores[keep]
    if ids.min() < 0 or ids.max() >= num:
        raise IndexError("id out of range")
    means = []
    for r, i in zip(rows.split(CHUNK), ids.split(CHUNK)):
        means.append(-r.log_softmax(1).gather(1, i[:, None]).mean())
    return torch.stack(means).mean()
