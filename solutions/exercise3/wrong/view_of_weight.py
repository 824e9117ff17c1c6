"""Your code returns a view of the layer's own memory.

A transpose in PyTorch moves no numbers. It returns a tensor that reads the same memory in
another order: with more than one row and column, it is not contiguous, and the table changes
when the layer is trained. The result must be a copy in row order. Print `.is_contiguous()` of
your result.
"""

# caught by: contiguous


def linear_to_embedding(weight, bias=None):
    """Return a view of the weight."""
    return weight.T if bias is None else weight.T + bias
