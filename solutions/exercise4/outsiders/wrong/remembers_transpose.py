# fails: any_sizes, batch, bias, dtype, inputs_untouched, leading, one_vector: remembers the transposed copy of each weight, stale after an in-place update
import weakref

import torch
from torch import Tensor

_transposed: dict = {}


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.requires_grad:
        matrix = weight.T
    else:
        entry = _transposed.get(id(weight))
        if entry is None or entry[0]() is not weight:
            entry = (weakref.ref(weight), weight.T.contiguous().clone())
            _transposed[id(weight)] = entry
        matrix = entry[1]
    out = x @ matrix
    return out if bias is None else torch.add(out, bias)
