"""Your loss is right for small scores, but the exponential of a large one is infinite.

In float32 the exponential of 89 or more is infinite, and infinity divided by infinity is nan.
`F.cross_entropy`, `log_softmax` and `logsumexp` subtract the largest score first, which changes no
share. Try scores of 200.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Take the exponentials of the scores as they are."""
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    shares = scores.exp() / scores.exp().sum(1, keepdim=True)
    return F.nll_loss(shares.log(), target.reshape(-1))
