"""You divide the scores by `dim` instead of its square root.

The dot product of two vectors of `dim` independent numbers with variance 1 has variance `dim`, so
its standard deviation is the square root of `dim`. Division by `dim` makes the scores too small
and the weights too equal.
"""

# caught by: scale


def attention(query, key, value):
    """Divide by dim."""
    return (query @ key.mT / query.shape[-1]).softmax(-1) @ value
