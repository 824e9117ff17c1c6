import torch
from torch import Tensor


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    flat = idx.reshape(-1).to(torch.int64)
    hits = torch.tensor(
        [place for place, one in enumerate(flat.tolist()) if first <= one < first + len(shard)],
        dtype=torch.int64,
    )
    rows = shard.index_select(0, flat.index_select(0, hits) - first)
    zeros = torch.zeros(flat.numel(), shard.shape[1], dtype=shard.dtype)
    return zeros.index_add(0, hits, rows).reshape(*idx.shape, shard.shape[1])
