# fails: empty_bags: one bag is reduced without a check of its size: a single bag AND no ids gives nan for "mean" and an error for "max"
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    reduce = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}.get(mode)
    if reduce is None:
        raise ValueError(f"mode {mode!r}")
    if len(offsets) == 1:
        return reduce(weight[idx], dim=0, keepdim=True)
    bounds = offsets.tolist() + [len(idx)]
    result = []
    for start, end in zip(bounds, bounds[1:]):
        if start == end:
            result.append(weight.new_zeros(weight.shape[1]))
        else:
            result.append(reduce(weight[idx[start:end]], dim=0))
    return torch.stack(result)
