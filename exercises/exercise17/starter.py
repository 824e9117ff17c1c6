"""Exercise 17: meaning from neighbors."""

from torch import Tensor


def sgns_loss(
    centers: Tensor, contexts: Tensor, center: Tensor, context: Tensor, negatives: Tensor
) -> Tensor:
    """Return the loss of skip-gram with negative sampling, the mean over all pairs.

    centers: the table of the words in the center, shape (num, dim).
    contexts: the table of the words around them, shape (num, dim).
    center: the id of the center of each pair, any shape.
    context: the id of a word near this center, for each pair; the shape of ``center``.
    negatives: ids of random words for each pair, shape (*center.shape, count).

    Returns a 0-d tensor.
    """
    raise NotImplementedError("write sgns_loss here")
