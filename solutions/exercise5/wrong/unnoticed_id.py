"""Your code answers an id that the table does not have, and nobody notices.

You compare each id with every row number. An id of num or above equals none of them: its
one-hot row is all zeros and so is the result, a plausible vector made of nothing. A lookup has
to refuse such an id, and here you have to see to it yourself.
"""

# caught by: out_of_range

import torch


def one_hot_lookup(weight, idx):
    """Build the one-hot rows by comparison."""
    one_hot = idx.unsqueeze(-1) == torch.arange(weight.shape[0], device=idx.device)
    return one_hot.to(weight.dtype) @ weight
