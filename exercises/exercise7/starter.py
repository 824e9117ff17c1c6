"""Exercise 7: write your own embedding layer."""

from torch import Tensor, nn


class Embedding(nn.Module):
    """A drop-in replacement for ``nn.Embedding``.

    num_embeddings: number of rows in the table, one per id.
    embedding_dim: length of a row.
    padding_idx: id of the row that starts as zeros and gets no gradient, or None.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        raise NotImplementedError("write __init__ here")

    def forward(self, idx: Tensor) -> Tensor:
        """Return the rows for the ids in ``idx``, shape (*idx.shape, embedding_dim)."""
        raise NotImplementedError("write forward here")
