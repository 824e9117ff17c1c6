"""Exercise 7: a layer of your own."""

from torch import Tensor, nn


class Embedding(nn.Module):
    """A drop-in for ``nn.Embedding``.

    num_embeddings: the number of rows of the table, one per id.
    embedding_dim: the length of a row.
    padding_idx: the id whose row starts as zeros and is not trained, or None.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> None:
        raise NotImplementedError("write __init__ here")

    def forward(self, idx: Tensor) -> Tensor:
        """Return the rows that ``idx`` names, of shape (*idx.shape, embedding_dim)."""
        raise NotImplementedError("write forward here")
