"""Your positions begin again at 0 when the table ends.

`%` makes each lookup valid, but two ids of one text then have the same position, and the model
cannot tell them apart. A text that is too long should raise an error.

Call your function with a text of four ids and three positions.
"""

# caught by: too_long

import torch


def embed(idx, tokens, positions, start=0):
    """Take the remainder."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    return tokens[idx] + positions[places % len(positions)]
