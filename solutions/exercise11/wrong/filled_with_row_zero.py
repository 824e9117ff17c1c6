"""Your code fills short bags up with id 0, and row 0 then takes part in them.

Id 0 is an id like any other. To fill up is a way to get a matrix out of bags of different
sizes, but what was added has to be left out again, of the sum, of the count and of the maximum.
"""

# caught by: sum


def embedding_bag(weight, idx, offsets, mode):
    """Pad with id 0."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    largest = max(end - start for start, end in zip(starts, ends, strict=True))
    filled = idx.new_zeros(len(starts), largest)
    for bag, (start, end) in enumerate(zip(starts, ends, strict=True)):
        filled[bag, : end - start] = idx[start:end]
    rows = weight[filled]
    if not largest or mode == "sum":
        return rows.sum(1)
    return rows.mean(1) if mode == "mean" else rows.amax(1)
