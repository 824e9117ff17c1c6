"""Your code puts all ids into one bag and gives every bag the same vector.

`offsets` says where the bags start. Each bag has only the ids from its own offset to the next
one.

Print the ids that you use for each bag.
"""

# caught by: sum


def embedding_bag(weight, idx, offsets, mode):
    """Reduce over all ids."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    rows = weight[idx]
    if not len(rows) or mode == "sum":
        vector = rows.sum(0)
    else:
        vector = rows.mean(0) if mode == "mean" else rows.amax(0)
    return vector.expand(len(offsets), -1)
