"""You lower the scores of the later keys by a number that is not always enough.

With a penalty of 1,000, a later key whose score is 3,000 higher still wins. With -inf in place of
the score, its weight is 0 whatever the score was.
"""

# caught by: later

import torch


def causal_weights(scores):
    """Subtract 1,000 from the scores of later keys."""
    later = torch.ones_like(scores).triu(scores.shape[-1] - scores.shape[-2] + 1)
    return (scores - 1000 * later).softmax(-1)
