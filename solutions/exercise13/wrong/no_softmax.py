"""Your loss is minus the mean score of the right classes: the other scores have no effect.

Scores become log-probabilities only if you subtract the logarithm of the sum of their
exponentials. `log_softmax` does that. Without it, a model lowers its loss by making all scores
larger.

Add 1 to all scores: the loss should stay the same.
"""

# caught by: value


def cross_entropy(scores, target, ignore_index=-100):
    """Take the scores as log-probabilities."""
    keep = target != ignore_index
    return -scores[keep].gather(-1, target[keep].unsqueeze(-1)).mean()
