"""Your code picks columns of the table where rows were asked for.

Perhaps you think of the weight as (dim, num), which is how `nn.Linear(num, dim)`
keeps its own: output size first. `nn.Embedding(num, dim).weight` is (num, dim):
one row per id, as long as the embedding. Look at the last size of your result:
it should be dim.
"""

# caught by: rows

import torch


def lookup(weight, idx):
    """Pick columns instead of rows."""
    return torch.movedim(weight[:, idx], 0, -1)
