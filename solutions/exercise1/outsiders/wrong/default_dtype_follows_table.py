# fails: inputs_untouched: torch's default dtype stays changed after the call

import torch


def lookup(weight, idx):
    torch.set_default_dtype(weight.dtype)
    rows = torch.zeros(idx.numel(), weight.shape[1], device=weight.device)
    return (rows + weight[idx.reshape(-1)]).reshape(*idx.shape, weight.shape[1])
