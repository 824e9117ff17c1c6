"""Your empty bags come out as minus infinity when the maximum is asked for.

It is a fine number to begin a search for the largest with, and where nothing is found it
remains. PyTorch defines an empty bag as zeros, in every mode.
"""

# caught by: empty_bags

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Start the maximum at minus infinity."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    ends = [*starts[1:], len(idx)]
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if mode == "sum" or (mode == "mean" and start == end):
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(torch.cat([rows.new_full((1, rows.shape[1]), float("-inf")), rows]).amax(0))
    return torch.stack(vectors)
