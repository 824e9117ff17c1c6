"""Your loss counts the spare rows as words.

Cross-entropy divides by the sum of the exponentials of all scores that it gets. A spare row has
a score like any other, so it takes probability from the words, and training changes it. In the
example of the statement your loss is 8.0005 instead of 0.3133.
"""

# caught by: loss

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Score every row."""
    if (target >= num).any():
        raise IndexError("a target is no word")
    scores = hidden @ weight.T
    return F.cross_entropy(scores.reshape(-1, len(weight)), target.reshape(-1))
