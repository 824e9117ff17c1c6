"""A bias for each distance."""

from torch import Tensor


def relative_bias(scores: Tensor, table: Tensor) -> Tensor:
    """Return the scores plus the number of each head and each distance.

    scores: float tensor of shape (..., heads, queries, keys).
    table: same dtype, shape (2 * far + 1, heads), one row for each distance from -far to far.

    Returns a new tensor with the shape and the dtype of ``scores``.
    """
    raise NotImplementedError("write relative_bias here")
