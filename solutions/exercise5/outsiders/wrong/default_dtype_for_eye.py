# fails: inputs_untouched: torch's default dtype stays changed after the call

import torch


def one_hot_lookup(weight, idx):
    torch.set_default_dtype(weight.dtype)
    identity = torch.eye(len(weight), device=weight.device)
    return identity[idx] @ weight
