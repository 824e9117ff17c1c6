"""Your code calculates with the ids, as a linear layer does with its inputs.

An id is a name. With the id as a factor, row 6 is forced to be twice row 3 and
row 0 to be all zeros, and only one row of the table ever counts. In an embedding the
rows are independent of each other: the id says where to read, and no arithmetic
is done with it.
"""

# caught by: rows


def lookup(weight, idx):
    """Multiply with the ids."""
    return idx.unsqueeze(-1).to(weight.dtype) @ weight[:1]
