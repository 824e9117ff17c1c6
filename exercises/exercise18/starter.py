"""Exercise 18: nearest words."""

from torch import Tensor


def nearest(weight: Tensor, ids: Tensor, k: int) -> Tensor:
    """Return, for each id, the k other ids whose rows have the largest cosine, best first.

    weight: the table, shape (num, dim).
    ids: the ids to compare with all others, an integer tensor of any shape.
    k: how many ids to return for each id, from 0 to num - 1.

    Returns an int64 tensor of shape (*ids.shape, k).
    """
    raise NotImplementedError("write nearest here")
