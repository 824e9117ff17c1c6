"""You set the scores of the later keys to 0.

A score of 0 does not mean a weight of 0: softmax takes the exponential, and the exponential of 0
is 1. Which score has the exponential 0?
"""

# caught by: square


def causal_weights(scores):
    """Multiply the scores by a mask."""
    return scores.tril(scores.shape[-1] - scores.shape[-2]).softmax(-1)
