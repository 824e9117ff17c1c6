"""Your weights are the softmax of all scores, and later keys have a share.

A token then sees the tokens after it, and a model that learns to predict them only copies them.
Change the scores of the later keys before the softmax.
"""

# caught by: square


def causal_weights(scores):
    """Let every query see every key."""
    return scores.softmax(-1)
