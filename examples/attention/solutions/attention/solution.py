"""Scaled dot product attention."""

from torch import Tensor


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return an average of the values for each query, of shape (..., queries, width)."""
    dim = query.shape[-1]
    scores = query @ key.mT / dim**0.5
    return scores.softmax(-1) @ value
