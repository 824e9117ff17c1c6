"""Your loss is inf or nan if one row of scores is much lower than another.

Subtracting the largest score of the whole tensor keeps `exp` finite, but in a low row all
exponentials are then 0, and the logarithm of their sum is -inf. Each row needs its own maximum:
`scores.amax(-1, keepdim=True)`.

Try two rows, one near 1000 and one near -1000.
"""

# caught by: large


def cross_entropy(scores, target, ignore_index=-100):
    """Subtract the maximum of all scores."""
    keep = target != ignore_index
    shifted = scores[keep] - scores[keep].max()
    table = shifted - shifted.exp().sum(-1, keepdim=True).log()
    return -table.gather(-1, target[keep].unsqueeze(-1)).mean()
