"""Exercise 5: a lookup is a product with one-hot rows."""

from torch import Tensor
from torch.nn import functional as F


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the product of the one-hot rows of ``idx`` and ``weight``."""
    one_hot = F.one_hot(idx.long(), weight.shape[0])
    return one_hot.to(weight.dtype) @ weight
