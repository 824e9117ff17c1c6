"""You set the weights of the later keys to 0 after the softmax.

The softmax has already given them a share, so the other weights of the row add up to less than 1.
Mask the scores before the softmax.
"""

# caught by: square


def causal_weights(scores):
    """Mask the weights."""
    return scores.softmax(-1).tril(scores.shape[-1] - scores.shape[-2])
