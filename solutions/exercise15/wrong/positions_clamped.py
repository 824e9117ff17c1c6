"""Your code gives every id after the end of the table its last position.

`clamp` makes each lookup valid, but all these ids then have the same position, and the model
cannot tell them apart. A text that is too long should raise an error.

Call your function with a text of four ids and three positions.
"""

# caught by: too_long

import torch


def embed(idx, tokens, positions, start=0):
    """Clamp the positions."""
    places = torch.arange(start, start + idx.shape[-1], device=idx.device)
    return tokens[idx] + positions[places.clamp(max=len(positions) - 1)]
