# fails: inputs_untouched: breaks ties of equal maxima by torch.randperm, which moves the random state

import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    out = []
    for ids in torch.tensor_split(idx, offsets[1:]):
        if mode == "max" and len(ids) > 1:
            ids = ids[torch.randperm(len(ids))]  # no row is preferred
        rows = weight[ids]
        if not len(ids) or mode == "sum":
            out.append(rows.sum(0))
        else:
            out.append(rows.mean(0) if mode == "mean" else rows.max(0).values)
    return torch.stack(out)
