"""Your padded_size is right for small numbers, but a division with `/` rounds large ones.

`/` returns a float, which holds whole numbers exactly only up to 2**53. `math.ceil` then rounds
a number that is wrong already. `//` divides whole numbers exactly. Try num = 2**60 - 1 with
multiple = 3.
"""

# caught by: size

import math

from torch.nn import functional as F


def padded_size(num, multiple):
    """Divide as floats."""
    return math.ceil(num / multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Return the loss over the words."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
