"""Your code gives shares to cross_entropy, which expects scores.

`F.cross_entropy` contains the softmax. A softmax of shares, all between 0 and 1, makes them nearly
equal, so the loss stays near log(num) even if the model is right. Compare your loss with
`F.cross_entropy` of the scores themselves.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Apply softmax first."""
    shares = (hidden @ weight[:num].T).softmax(-1)
    return F.cross_entropy(shares.reshape(-1, num), target.reshape(-1))
