"""Exercise 12: one weight, two layers."""

from torch import Tensor, nn


class TiedModel(nn.Module):
    """An embedding and an output projection that share one Parameter.

    num_embeddings: number of ids; each has one vector and gets one score.
    embedding_dim: length of a vector.

    Attributes: ``embedding``, an ``nn.Embedding``, and ``projection``, an ``nn.Linear`` without
    a bias.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        raise NotImplementedError("write __init__ here")

    def forward(self, idx: Tensor) -> Tensor:
        """Return one score per id for each position, shape (*idx.shape, num_embeddings)."""
        raise NotImplementedError("write forward here")
