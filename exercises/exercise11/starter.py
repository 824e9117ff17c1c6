"""Exercise 11: bags of embeddings."""

from torch import Tensor


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    """Return one vector for each bag of ids.

    weight: float tensor of shape (num, dim), one row per id.
    idx: the ids of all bags, one bag after another, shape (count,).
    offsets: where each bag starts in idx, shape (bags,).
    mode: how to combine the rows of a bag: "sum", "mean" or "max".

    Returns a tensor of shape (bags, dim).
    """
    raise NotImplementedError("write embedding_bag here")
