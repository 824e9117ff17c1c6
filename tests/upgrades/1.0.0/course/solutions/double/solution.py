"""Twice as much. MARKER-IN-SOLUTION"""


def double(x):
    """Twice ``x``."""
    if isinstance(x, str):
        raise TypeError("not text")
    return x * 2
