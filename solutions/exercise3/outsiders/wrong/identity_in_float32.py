# fails: dtype: the identity is float32, which fits no other dtype

import torch


def linear_to_embedding(weight, bias=None):
    rows = torch.eye(weight.shape[1], device=weight.device)
    return torch.nn.functional.linear(rows, weight, bias)
