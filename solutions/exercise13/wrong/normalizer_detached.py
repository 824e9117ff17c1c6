"""Your gradient reaches only the score of the right class.

The loss is the logarithm of a sum of exponentials minus the score of the right class. A gradient
flows through both. Without the first, every step raises the right scores by the same amount, even
if they are already high enough.

Print the gradient of one row: its numbers should add up to 0.
"""

# caught by: large, gradient


def cross_entropy(scores, target, ignore_index=-100):
    """Detach the normalizer."""
    keep = target != ignore_index
    rows = scores[keep]
    table = rows - rows.detach().logsumexp(-1, keepdim=True)
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
