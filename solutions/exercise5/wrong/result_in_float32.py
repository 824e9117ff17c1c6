"""Your result is float32, whatever dtype the table has.

You converted the table to fit the one-hot rows. A float64 table loses half of its digits that
way, and a float16 one comes out in a dtype that nobody asked for. Convert the one-hot rows to
the dtype of the table instead: zeros and ones lose nothing.
"""

# caught by: dtype

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply in float32."""
    return F.one_hot(idx.long(), weight.shape[0]).float() @ weight.float()
