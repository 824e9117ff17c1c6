# passes: index_put out of place
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    flat = idx.reshape(-1).long() - first
    own = ((flat > -1) & (flat < len(shard))).nonzero().squeeze(1)
    rows = shard.index_select(0, flat[own])
    out = torch.zeros(flat.numel(), shard.shape[1], dtype=shard.dtype, device=shard.device)
    return out.index_put((own,), rows).reshape(*idx.shape, shard.shape[1])
