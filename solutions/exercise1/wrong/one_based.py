"""Your rows are each one off: you read the ids as if counting began at 1.

A table of num rows holds the ids 0 to num - 1, as a Python list does. There is
no id num, and id 0 is the first row. Python hides the slip: an index of -1 means
the last row and raises nothing. Compare your result for id 0 with the table.
"""

# caught by: rows


def lookup(weight, idx):
    """Read the ids as counted from 1."""
    return weight[idx - 1]
