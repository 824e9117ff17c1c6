import torch


def padded_size(num, multiple):
    full, rest = divmod(num, multiple)
    return (full + (rest > 0)) * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError("target names a spare row")
    words, _ = weight.split([num, len(weight) - num])
    right = (hidden * words[target]).sum(-1)
    return (torch.logsumexp(torch.nn.functional.linear(hidden, words), -1) - right).mean()
