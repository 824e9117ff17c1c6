# fails: combinations: a single sum is a product of counts and the table, where unused nan spreads
import torch


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    if len(offsets) == 1 and mode == "sum" and len(idx):
        counts = torch.bincount(idx, minlength=len(weight)).to(weight.dtype)
        return (counts @ weight)[None]
    starts = offsets.tolist()
    vectors = []
    for start, end in zip(starts, [*starts[1:], len(idx)]):
        rows = weight[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        else:
            vectors.append(rows.mean(0) if mode == "mean" else rows.amax(0))
    return torch.stack(vectors)
