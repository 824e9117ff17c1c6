"""Your result is right, but the caller's `offsets` are others than before.

They were made into ends or sizes in the very tensor that was handed over: `offsets[:-1] =
offsets[1:]`, `-=` and methods with an underscore at their end all write into it. Make a new
tensor or a list.
"""

# caught by: inputs_untouched

import torch


def embedding_bag(weight, idx, offsets, mode):
    """Turn the caller's offsets into ends."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(mode)
    starts = offsets.tolist()
    offsets[:-1] = offsets[1:].clone()
    offsets[-1] = len(idx)
    ends = offsets.tolist()
    vectors = []
    for start, end in zip(starts, ends, strict=True):
        rows = weight[idx[start:end]]
        if start == end or mode == "sum":
            vectors.append(rows.sum(0))
        elif mode == "mean":
            vectors.append(rows.mean(0))
        else:
            vectors.append(rows.amax(0))
    return torch.stack(vectors)
