"""Your code works for an input of three dimensions only.

It names exactly three sizes of `x`, for example `batch, length, size`, so a batch of vectors and
a single vector raise an error. A linear layer changes the last dimension and keeps all others,
however many there are. `@` does that without knowing their number.

Print `x.shape` for a vector, for a batch and for a batch of sequences.
"""

# caught by: batch


def linear(x, weight, bias=None):
    """Unpack three sizes."""
    batch, length, size = x.shape  # noqa: RUF059
    result = x @ weight.T
    return result if bias is None else result + bias
