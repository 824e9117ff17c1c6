# fails: combinations: for max, an empty bag is row 0 times zero, which is nan if this row holds nan
import torch
from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    """Return one vector for each bag of ids."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode must be sum, mean or max")
    count, bags, dim = idx.numel(), offsets.numel(), weight.shape[1]
    if count == 0:
        return weight.new_zeros(bags, dim)
    bag = torch.searchsorted(offsets.contiguous(), torch.arange(count), right=True) - 1
    counts = torch.bincount(bag, minlength=bags)
    if mode != "max":
        wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
        sums = torch.zeros(bags, dim, dtype=wide).index_add(0, bag, weight[idx].to(wide))
        if mode == "mean":
            sums = sums / counts.clamp(min=1).unsqueeze(1)
        return sums.to(weight.dtype)
    best = torch.zeros(bags, dim, dtype=torch.int64)  # the id of each maximum
    for b in counts.nonzero().flatten().tolist():
        ids = idx[bag == b]
        best[b] = ids[weight.detach()[ids].argmax(dim=0)]
    filled = (counts > 0).to(weight.dtype).unsqueeze(1)
    return weight.gather(0, best) * filled
