"""Your code looks up where each id stands, not the id itself.

The first row of your result is always row 0 of the table, the second is row 1 and
so on, whatever the ids are: the counter of a loop took the place of the id. With
`enumerate` the first of the two names is the position and the second is the
value. Try `idx = [3, 0, 3]`: its first and last row have to be equal.
"""

# caught by: rows

import torch


def lookup(weight, idx):
    """Use the position of each id as the id."""
    return torch.stack([weight[i] for i, _ in enumerate(idx)])
