"""Exercise 16: a pretrained table."""

from torch import Tensor, nn


def pretrained(
    words: list[str], vectors: dict[str, Tensor], dim: int, frozen: bool = True
) -> nn.Embedding:
    """Return an embedding with the vectors of a vocabulary.

    words: the vocabulary; the place of a word is its id.
    vectors: a vector of shape (dim,) for some of the words, and maybe for others.
    dim: the number of columns.
    frozen: whether the table stays as it is in training.
    """
    raise NotImplementedError("write pretrained here")
