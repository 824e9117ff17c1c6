"""Your zeros have the default dtype, float32, and not the dtype of the shard.

PyTorch refuses to assign rows of another dtype to them. A result in float32 would double the memory
of a bfloat16 table. `shard.new_zeros(...)` takes over dtype and device.
"""

# caught by: types

import torch


def shard_lookup(shard, idx, first):
    """Start with torch.zeros."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = torch.zeros(*idx.shape, shard.shape[1], device=shard.device)
    result[inside] = shard[local[inside]]
    return result
