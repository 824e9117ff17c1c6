# fails: value, ignored, any_shape, dtype: remembers the positions of a target object and does not see when its numbers change

import torch
from torch import Tensor

_cache: dict = {}


def _positions(target: Tensor, ignore_index: int):
    key = (id(target), target.data_ptr(), tuple(target.shape), ignore_index)
    if key not in _cache:
        keep = target.reshape(-1) != ignore_index
        # holding the target keeps its id from being used again
        _cache[key] = (target, keep.nonzero()[:, 0], target.reshape(-1)[keep])
    return _cache[key][1:]


def cross_entropy(scores: Tensor, target: Tensor, ignore_index: int = -100) -> Tensor:
    num = scores.shape[-1]
    where, ids = _positions(target, ignore_index)
    if (ids < 0).any() or (ids >= num).any():
        raise IndexError("id out of range")
    rows = scores.reshape(-1, num).index_select(0, where)
    return -rows.log_softmax(1).gather(1, ids[:, None]).mean()
