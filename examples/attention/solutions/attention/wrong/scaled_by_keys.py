"""You take the square root of the number of keys, not of `dim`.

The scale makes up for the number of terms in one dot product. That number is the last size of
`query` and `key`; the size before it counts the keys.
"""

# caught by: average


def attention(query, key, value):
    """Divide by the root of the wrong size."""
    return (query @ key.mT / key.shape[-2] ** 0.5).softmax(-1) @ value
