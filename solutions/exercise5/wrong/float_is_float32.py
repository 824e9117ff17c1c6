"""Your code makes the one-hot rows float32, which fits only a table of float32.

`.float()` means float32 and nothing else, and so do `torch.zeros` and `torch.eye` unless they
are told otherwise. With a table of another dtype the product stops with an error. Which dtype
is needed stands in `weight.dtype`.
"""

# caught by: dtype

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Convert the one-hot rows to float32."""
    return F.one_hot(idx.long(), weight.shape[0]).float() @ weight
