"""Your code returns a tuple that contains the tensor.

A comma at the end of the `return` line is enough: Python reads `return rows,` as a tuple with
one item. No error appears until somebody asks the result for its shape. Print the type of your
result, and look at the end of your `return` line.
"""

# caught by: rows


def lookup(weight, idx):
    """Return a tuple by accident."""
    return (weight[idx],)
