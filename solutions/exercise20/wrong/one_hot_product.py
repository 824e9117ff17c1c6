"""Your code multiplies one-hot rows by the shard, so an infinite number spoils its whole column.

For an id outside, the one-hot row is all zeros, and the product adds up `0 * number` over the whole
shard. `0 * inf` is nan. The same happens to ids inside: each reads all rows. A lookup reads its own
row only.
"""

# caught by: own_rows

import torch


def shard_lookup(shard, idx, first):
    """Multiply by one-hot rows."""
    rows = first + torch.arange(len(shard), device=idx.device)
    one_hot = idx.unsqueeze(-1) == rows
    return one_hot.to(shard.dtype) @ shard
