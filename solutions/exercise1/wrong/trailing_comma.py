"""Your code returns a tuple with the tensor in it.

A comma after the value in a `return` line is enough: Python reads `return rows,` as a
tuple of one item. Nothing complains until somebody asks the result for its shape. Look at the
very end of your `return` line.
"""

# caught by: rows


def lookup(weight, idx):
    """Return a tuple by accident."""
    return (weight[idx],)
