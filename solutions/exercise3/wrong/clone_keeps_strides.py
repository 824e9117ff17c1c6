"""Your table has memory of its own, but the numbers still lie in it column after column.

A copy need not be contiguous: `.clone()` keeps the steps of the tensor it copies, transposed ones
too, and so does an addition. Its numbers then read right, but `.view(-1)` on it raises.
Compare `.stride()` and `.is_contiguous()` of the transpose, of its clone and of a fresh
table of that shape.
"""

# caught by: contiguous


def linear_to_embedding(weight, bias=None):
    """Clone the view, strides and all."""
    table = weight.T.clone()
    return table if bias is None else table + bias
