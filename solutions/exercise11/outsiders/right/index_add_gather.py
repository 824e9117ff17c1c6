# passes: searchsorted gives each id its bag; index_add for sums, winners found without gradient and then indexed for max
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"bad mode: {mode}")
    bags, dim = offsets.shape[0], weight.shape[1]
    wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
    positions = torch.arange(idx.shape[0])
    bag = torch.searchsorted(offsets.contiguous(), positions, right=True) - 1
    count = torch.bincount(bag, minlength=bags)
    if mode != "max":
        total = torch.zeros(bags, dim, dtype=wide).index_add(0, bag, weight[idx].to(wide))
        if mode == "mean":
            total = total / count.clamp(min=1).unsqueeze(1)
        return total.to(weight.dtype)
    winner = torch.zeros(bags, dim, dtype=torch.int64)
    with torch.no_grad():
        for b in torch.unique(bag).tolist():
            ids = idx[bag == b]
            winner[b] = ids[weight[ids].argmax(0)]
    full = (count > 0).nonzero()[:, 0]
    taken = weight[winner[full], torch.arange(dim)]
    return weight.new_zeros(bags, dim).index_put((full,), taken)
