"""Your code multiplies the two rows instead of adding them.

A product with a position near zero would erase the word, and the gradient of each row would be the
other row. The sum keeps both: its gradient goes to both rows unchanged.

Use a table of positions of zeros: the result should be the rows of the ids.
"""

# caught by: sum

import torch


def embed(idx, tokens, positions, start=0):
    """Multiply the rows."""
    length = idx.shape[-1]
    places = torch.arange(start, start + length, device=idx.device)
    return tokens[idx] * positions[places]
