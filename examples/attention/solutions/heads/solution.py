"""Many heads by reshaping."""

from torch import Tensor


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Return ``x`` cut into heads, from (..., length, dim) to (..., heads, length, size)."""
    size, rest = divmod(x.shape[-1], heads)
    if rest:
        raise ValueError("heads must divide dim")
    return x.unflatten(-1, (heads, size)).transpose(-3, -2)


def merge_heads(x: Tensor) -> Tensor:
    """Return the heads side by side, from (..., heads, length, size) to (..., length, dim)."""
    return x.transpose(-3, -2).flatten(-2)
