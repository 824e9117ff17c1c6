"""Your positions begin one row too late: the first id gets row 1.

Positions are ids of the second table, and ids begin at 0. With your code row 0 is never used, and
a text of full length raises an error.

Print the positions that you look up for a text of three ids.
"""

# caught by: sum

import torch


def embed(idx, tokens, positions, start=0):
    """Count from one."""
    length = idx.shape[-1]
    places = torch.arange(start + 1, start + length + 1, device=idx.device)
    return tokens[idx] + positions[places]
