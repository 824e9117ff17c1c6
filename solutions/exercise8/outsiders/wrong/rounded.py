# fails: step, several_steps: the learning rate is rounded to float16
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    w = weight.detach()
    i = idx.long()
    d = w[i] - target.detach()
    n = d.numel()
    new = w.index_add(
        0,
        i.reshape(-1),
        (-2 * torch.tensor(lr, dtype=torch.float16).to(w.dtype) / n * d).reshape(-1, w.shape[1]),
    )
    return new, (d * d).mean()
