"""Your code returns the right rows, but no gradient reaches the shard.

`.data` and `.detach()` share the numbers of the shard without its graph; `.tolist()` and
`torch.tensor(...)` copy them, also without the graph. A shard without a gradient never learns.
An assignment `result[inside] = rows` keeps the graph of `rows`. Print the `grad_fn` of your result.
"""

# caught by: gradient


def shard_lookup(shard, idx, first):
    """Cut the graph."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard.detach()[local[inside]]
    return result
