# passes: one target after the other
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    while num % multiple:
        num += 1
    return num


def padded_loss(hidden, weight, target, num):
    rows = hidden.reshape(-1, hidden.shape[-1])
    losses = []
    for row, goal in zip(rows, target.reshape(-1).tolist()):
        if goal >= num:
            raise IndexError(goal)
        logs = F.log_softmax(weight[:num] @ row, 0)
        losses.append(-logs[goal])
    return torch.stack(losses).mean()
