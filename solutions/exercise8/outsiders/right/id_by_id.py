# passes: a loop over the ids with the old errors

import torch


def train_step(weight, idx, target, lr):
    old = weight.detach()
    new = old.clone()
    goals = target.reshape(-1, old.shape[1])
    for number, goal in zip(idx.reshape(-1).tolist(), goals, strict=True):
        new[number] = new[number] - 2 * lr / target.numel() * (old[number] - goal)
    return new, torch.mean((old[idx] - target) ** 2)
