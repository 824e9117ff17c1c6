"""Exercise 6: the gradient of a lookup."""

from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    """Return the gradient of the weight of an embedding.

    grad_output: gradient of the looked-up rows, shape (*idx.shape, dim), float dtype.
    idx: the ids that were looked up, an int64 or int32 tensor of any shape.
    num_embeddings: the number of rows of the table.
    padding_idx: the id whose row gets no gradient, or None.

    Returns a tensor of shape (num_embeddings, dim) with the dtype of ``grad_output``.
    """
    raise NotImplementedError("write lookup_backward here")
