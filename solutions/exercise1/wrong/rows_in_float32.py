"""Your rows come out as float32, whatever dtype the table has.

`.float()` means float32 and nothing else, and `torch.zeros` or `torch.tensor` on plain numbers
give float32 too unless they are told otherwise. A table of float64 loses half of its digits
that way. A lookup copies numbers, so it can keep the dtype that it finds in `weight`.
"""

# caught by: dtype

from torch.nn import functional as F


def lookup(weight, idx):
    """Multiply in float32."""
    one_hot = F.one_hot(idx.long(), weight.shape[0]).float()
    return one_hot @ weight.float()
