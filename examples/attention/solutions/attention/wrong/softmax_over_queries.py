"""Your weights add up to 1 for each key, not for each query.

The table of scores has one row for each query and one column for each key. Softmax has to run
along the keys, so that each query gets its own average. Print the sums of your weights along both
dimensions.
"""

# caught by: average


def attention(query, key, value):
    """Normalize the columns."""
    scores = query @ key.mT / query.shape[-1] ** 0.5
    return scores.softmax(-2) @ value
