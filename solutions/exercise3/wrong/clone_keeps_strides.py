"""Your code returns a copy, but the copy is not contiguous.

`.clone()` keeps the memory order of the tensor it copies, also of a transpose, and an addition
does the same. The numbers are right, but they lie in memory column by column, so `.view(-1)`
raises an error. Compare `.stride()` and `.is_contiguous()` of the transpose, of its clone and
of a new table of that shape.
"""

# caught by: contiguous


def linear_to_embedding(weight, bias=None):
    """Clone the transpose, which keeps its strides."""
    table = weight.T.clone()
    return table if bias is None else table + bias
