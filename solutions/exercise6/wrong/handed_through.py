"""Your result is `grad_output` itself.

`grad_output` has one row for each id in `idx`. The gradient of the table has one row for each
row of the table: row r is the sum of all gradients whose id is r, and rows without an id are
zero. So the two usually differ in shape.

Print the shapes of `grad_output` and of the table for three ids and a table of ten rows.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Hand it on."""
    return grad_output
