"""Your code counts ids from 1, so every row is off by one.

A table of num rows has the ids 0 to num - 1, like a Python list. Id 0 is the first row, and
there is no id num. Python hides the error, because index -1 means the last row. Look up id 0
and compare the result with the table.
"""

# caught by: rows


def lookup(weight, idx):
    """Count ids from 1."""
    return weight[idx - 1]
