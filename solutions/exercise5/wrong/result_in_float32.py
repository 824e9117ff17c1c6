"""Your code returns float32 for a table of any dtype.

It converts the table to fit the one-hot rows. float64 numbers lose about half of their digits
this way, and a float16 table gives a result of another dtype. Which of the two sides can change
its dtype without losing anything? Try a float64 table.
"""

# caught by: dtype

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply in float32."""
    return F.one_hot(idx.long(), weight.shape[0]).float() @ weight.float()
