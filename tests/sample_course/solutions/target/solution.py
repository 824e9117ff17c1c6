"""Twice as much. MARKER-IN-SOLUTION"""


def double(x):
    """Twice ``x``."""
    return x * 2
