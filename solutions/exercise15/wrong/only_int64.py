"""Your code refuses int32 ids.

`F.one_hot`, `torch.take` and `take_along_dim` want int64. Indexing with brackets, `F.embedding` and
`index_select` take both types.

Call your function with `idx.int()`.
"""

# caught by: types

import torch


def embed(idx, tokens, positions, start=0):
    """Use take_along_dim."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    rows = torch.take_along_dim(tokens, idx.reshape(-1, 1), 0)
    return rows.reshape(*idx.shape, tokens.shape[1]) + positions[places]
