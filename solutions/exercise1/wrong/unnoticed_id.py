"""Your code returns a row for an id that the table does not have.

If you build one-hot rows by comparison, an id of num or more matches no row, so the result is
all zeros. `torch.take_along_dim` hides such an id too: it wraps around to another row. A lookup
must raise IndexError or RuntimeError instead. Call your function with the id num and see what
comes back.
"""

# caught by: out_of_range

import torch


def lookup(weight, idx):
    """Build the one-hot rows by comparison."""
    one_hot = idx.unsqueeze(-1) == torch.arange(weight.shape[0])
    return one_hot.to(weight.dtype) @ weight
