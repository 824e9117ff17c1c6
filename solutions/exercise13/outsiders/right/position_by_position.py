# passes: a loop over the positions
import torch


def cross_entropy(scores, target, ignore_index=-100):
    num = scores.shape[-1]
    losses = []
    for row, number in zip(scores.reshape(-1, num), target.reshape(-1).tolist(), strict=True):
        if number == ignore_index:
            continue
        if not 0 <= number < num:
            raise ValueError(f"{number} is no class")
        losses.append(torch.logsumexp(row, 0) - row[number])
    return torch.stack(losses).mean()
