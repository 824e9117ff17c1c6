# fails: loss, junk, real_gradient, padding_gradient, any_shape, dtype: takes exp(0) out of the sum for each spare row, as if it held zeros

import torch


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError("target out of range")
    scores = hidden @ weight.T
    top = scores[..., :num].amax(-1, keepdim=True).clamp_min(0)
    total = (scores - top).exp().sum(-1, keepdim=True)
    total = total - (len(weight) - num) * (-top).exp()
    log = scores - top - total.log()
    return -log.gather(-1, target.unsqueeze(-1)).mean()
