# fails: leading: five dimensions have no pattern

import torch


def linear(x, weight, bias=None):
    letters = "abc"[: x.dim() - 1] if x.dim() < 5 else None
    if letters is None:
        message = "too many dimensions"
        raise ValueError(message)
    product = torch.einsum(f"{letters}i,oi->{letters}o", x, weight)
    return product if bias is None else product + bias
