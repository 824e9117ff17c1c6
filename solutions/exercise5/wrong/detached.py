"""Your code returns the right result, but no gradient reaches the table.

`.data` and `.detach()` share the numbers of the table without its graph, and nothing computed
under `torch.no_grad()` has a graph. A new `nn.Parameter` starts another graph. The one-hot rows
need no gradient, but the table does. Print the `grad_fn` of your result: it should not be None.
"""

# caught by: gradient

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    """Multiply by the detached table."""
    return F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype) @ weight.data
