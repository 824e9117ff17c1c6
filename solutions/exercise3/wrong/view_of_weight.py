"""Your table is right to look at, but it is only another view of the layer's own memory.

A transpose in PyTorch moves nothing. It returns a tensor on the same memory that is read with
other steps: such a tensor is not contiguous, and the layer's next training step would
change your table as well. The result has to be a copy, in row order.
"""

# caught by: contiguous


def linear_to_embedding(weight, bias=None):
    """Return a view of the weight."""
    return weight.T if bias is None else weight.T + bias
