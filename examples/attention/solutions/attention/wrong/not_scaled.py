"""You use the dot products as they are, without dividing by the square root of `dim`.

A dot product adds up `dim` terms, so with larger `dim` it is usually further from zero. Your
weights then depend on the size of the vectors, and softmax gives most of the weight to one key.
With `dim` 1 the missing division makes no difference.
"""

# caught by: scale


def attention(query, key, value):
    """Leave out the scale."""
    return (query @ key.mT).softmax(-1) @ value
