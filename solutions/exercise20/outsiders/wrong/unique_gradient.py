# fails: gradient: repeats of an id count once backward
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    flat = local[inside]
    seen, once = set(), []
    for number in flat.tolist():
        once.append(number not in seen)
        seen.add(number)
    once = torch.tensor(once, dtype=torch.bool)[:, None]
    rows = shard[flat]
    result[inside] = torch.where(once, rows, rows.detach())
    return result
