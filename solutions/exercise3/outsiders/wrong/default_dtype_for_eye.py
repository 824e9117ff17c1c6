# fails: inputs_untouched: torch's default dtype stays changed after the call

import torch


def linear_to_embedding(weight, bias=None):
    torch.set_default_dtype(weight.dtype)
    rows = torch.eye(weight.shape[1], device=weight.device)
    return torch.nn.functional.linear(rows, weight, bias)
