"""Your table is a copy of the layer's memory most of the time, but not always.

`.contiguous()` copies only where it has to. With a single row or a single column the transpose is
contiguous already, so you get back the view itself, and it changes along with the layer. Where
a result must have memory of its own, ask for a copy in so many words.
"""

# caught by: own_memory


def linear_to_embedding(weight, bias=None):
    """Take contiguous() for a copy."""
    table = weight.T.contiguous()
    return table if bias is None else table + bias
