"""Your result is right, but no gradient gets back to the table: it would never learn.

`.data`, `.detach()` and `torch.no_grad()` leave the graph behind, and so does a new
`nn.Parameter`. The one-hot rows need no gradient; the table does. Multiply with `weight`
itself.
"""

# caught by: gradient

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply with the bare numbers."""
    return F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype) @ weight.data
