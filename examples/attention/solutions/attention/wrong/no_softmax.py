"""You multiply the values by the scores themselves, without a softmax.

Scores can be negative and add up to any number, so the result is not an average of the values.
Softmax makes the weights positive, and they add up to 1.
"""

# caught by: average


def attention(query, key, value):
    """Use the scores as weights."""
    return query @ key.mT / query.shape[-1] ** 0.5 @ value
