"""Your code relies on `.contiguous()` to copy, but it does not always copy.

`.contiguous()` returns the tensor itself if it is already contiguous. The transpose of a weight
with one row or one column is contiguous, so your table then shares the layer's memory and
changes with the layer. Try a weight of shape (1, 4), change it after the call, and print the
table.
"""

# caught by: own_memory


def linear_to_embedding(weight, bias=None):
    """Use contiguous() as if it always copied."""
    table = weight.T.contiguous()
    return table if bias is None else table + bias
