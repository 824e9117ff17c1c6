import torch
from torch import Tensor


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    num = scores.shape[-1]
    losses = []
    for i, row in zip(target.flatten().tolist(), scores.reshape(-1, num).unbind(0)):
        if i != ignore_index:
            if i not in range(num):
                raise IndexError(f"{i} is no class")
            losses.append(torch.logsumexp(row - row[i], dim=0))
    return torch.stack(losses).mean()
