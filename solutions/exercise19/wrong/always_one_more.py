"""Your padded_size adds a multiple even if `num` is one already.

16 words fit into 16 rows; 24 rows have a whole block that nobody needs. Print your results for
num = 15, 16 and 17 and multiple = 8.
"""

# caught by: size

from torch.nn import functional as F


def padded_size(num, multiple):
    """Add a block in any case."""
    return (num // multiple + 1) * multiple


def padded_loss(hidden, weight, target, num):
    """Return the loss over the words."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
