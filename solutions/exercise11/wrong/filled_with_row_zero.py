"""Your code pads short bags with id 0, so row 0 takes part in them.

Id 0 is an ordinary id. Padding makes a matrix out of bags of different sizes, but then you must
leave the padded places out of the sum, the count and the maximum.

Fill row 0 with large numbers and compare two bags of different sizes.
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
