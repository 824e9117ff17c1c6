"""Exercise 12: one weight, two layers."""

from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter.

    num_embeddings: the number of ids, each of which has a vector and gets a score.
    embedding_dim: the length of a vector.

    Attributes: ``embedding``, an ``nn.Embedding``, and ``projection``, an ``nn.Linear`` without a bias.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        raise NotImplementedError("write __init__ here")

    def forward(self, idx: Tensor) -> Tensor:
        """Return a score for each id, in each place of ``idx``: shape (*idx.shape, num_embeddings)."""
        raise NotImplementedError("write forward here")
