"""You divide the query of the caller itself.

`/=` and methods that end in `_`, such as `div_`, change the tensor they are applied to. The caller
may still need the query. `/` returns a new tensor.
"""

# caught by: gradient, untouched


def attention(query, key, value):
    """Change the caller's query."""
    query /= query.shape[-1] ** 0.5
    return (query @ key.mT).softmax(-1) @ value
