"""Exercise 11: bags of embeddings."""

from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    """Return one vector for each bag of ids.

    weight: float tensor of shape (num, dim), one row per id.
    idx: the ids of all bags, one bag after the other, shape (count,).
    offsets: where in idx each bag begins, shape (bags,).
    mode: how the rows of a bag become one: "sum", "mean" or "max".

    Returns a tensor of shape (bags, dim).
    """
    raise NotImplementedError("write embedding_bag here")
