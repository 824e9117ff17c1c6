"""Your code puts the two rows one after the other, so the result has twice as many columns.

Some models do this, but GPT-2 and BERT add the rows: the next layer then sees vectors of the same
size, whether or not they have positions.

Print the shape of your result: its last size should be dim.
"""

# caught by: sum

import torch


def embed(idx, tokens, positions, start=0):
    """Concatenate the rows."""
    length = idx.shape[-1]
    places = torch.arange(start, start + length, device=idx.device)
    return torch.cat([tokens[idx], positions[places].expand(*idx.shape, -1)], -1)
