"""Your code answers an id that the table does not have, and nobody notices.

You compare each id with every row number to build the one-hot rows. For an id of num or
above none is equal, the row is all zeros, and so is the result: a plausible vector made of
nothing. A lookup has to refuse such an id. Indexing does so by itself.
"""

# caught by: out_of_range

import torch


def lookup(weight, idx):
    """Build the one-hot rows by comparison."""
    one_hot = idx.unsqueeze(-1) == torch.arange(weight.shape[0])
    return one_hot.to(weight.dtype) @ weight
