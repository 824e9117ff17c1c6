"""You take the exponentials of the scores as they are.

In float32 the exponential of 89 or more is infinite, and infinity divided by infinity is nan. Far
below zero every exponential is 0. `softmax` first subtracts the largest score of each row, which
changes no weight.
"""

# caught by: large


def attention(query, key, value):
    """Let large scores overflow."""
    exponentials = (query @ key.mT / query.shape[-1] ** 0.5).exp()
    return exponentials / exponentials.sum(-1, keepdim=True) @ value
