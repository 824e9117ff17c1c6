"""Your code returns a row for an id that the table does not have.

If you compare each id with every row number, an id of num or more matches no row, so the result
is all zeros. In PyTorch 2.10 to 2.15, `torch.take_along_dim` with a dimension hides such an id
too: it wraps around to another row. A lookup must raise an error instead. Call your function with
the id num and see what comes back.
"""

# caught by: out_of_range

import torch


def lookup(weight, idx):
    """Find the rows by comparison."""
    is_named = idx.unsqueeze(-1) == torch.arange(weight.shape[0], device=idx.device)
    return torch.where(is_named.unsqueeze(-1), weight, 0).sum(-2)
