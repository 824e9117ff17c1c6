"""Your code changes a target that names a spare row into another word.

Such a target is a mistake somewhere else, for example a tokenizer that does not fit the model.
Clamped, it becomes the last word, and the model learns wrong answers without anybody noticing. An
exception shows the mistake at once.
"""

# caught by: target

from torch.nn import functional as F


def padded_size(num, multiple):
    """Return the smallest multiple that is large enough."""
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    """Clamp the targets."""
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.clamp(max=num - 1).reshape(-1))
