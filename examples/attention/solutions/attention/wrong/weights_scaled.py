"""Your results are too small by the square root of `dim`.

The weights of a query should add up to 1. They don't if the division comes after the softmax, so
divide the scores before it.
"""

# caught by: scale


def attention(query, key, value):
    """Divide after the softmax."""
    return (query @ key.mT).softmax(-1) / query.shape[-1] ** 0.5 @ value
