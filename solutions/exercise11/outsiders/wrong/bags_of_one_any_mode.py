# fails: unknown_mode: bags of one id return the rows before the mode is checked: one id per bag AND an unknown mode raises nothing
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    starts = offsets.tolist()
    if len(idx) > 0 and starts == list(range(len(idx))):
        # one row is its own sum, mean and maximum
        return weight[idx]
    if mode not in {"sum", "mean", "max"}:
        raise ValueError(f"mode must be sum, mean or max, not {mode!r}")
    vectors = []
    for start, end in zip(starts, starts[1:] + [len(idx)]):
        rows = weight[idx[start:end]]
        if len(rows) == 0:
            vectors.append(weight.new_zeros(weight.shape[1]))
        elif mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
