"""Your table shares the layer's memory if the transpose of `weight` is contiguous.

`.contiguous()` and `reshape` copy only if they must, and `.T` and `permute` never copy. The
transpose of a weight with one row or one column is contiguous already. Without a copy, your table
changes with the layer. Try a weight of shape (1, 4), change it after the call, and print the table.
"""

# caught by: own_memory


def linear_to_embedding(weight, bias=None):
    """Use contiguous() as if it always copied."""
    table = weight.T.contiguous()
    return table if bias is None else table + bias
