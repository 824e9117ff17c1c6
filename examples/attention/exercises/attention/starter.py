"""Scaled dot product attention."""

from torch import Tensor


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return an average of the values for each query, of shape (..., queries, width)."""
    raise NotImplementedError("write attention here")
