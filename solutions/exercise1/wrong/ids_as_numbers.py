"""Your code calculates with the ids, as a linear layer does with its inputs.

An id is a name, not a quantity. If you multiply by it, row 6 is always twice row 3, row 0 is
always zero, and only one row of the table is used. In an embedding the rows are independent:
the id only says which row to read. Look up id 0 and compare the result with row 0 of the table.
"""

# caught by: rows


def lookup(weight, idx):
    """Multiply by the ids."""
    return idx.unsqueeze(-1).to(weight.dtype) @ weight[:1]
