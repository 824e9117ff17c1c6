# fails: state_dict: a weight with another number of rows is cut or filled up instead of refused
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Embedding(nn.Module):
    """An embedding that loads checkpoints like resize_token_embeddings."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        if padding_idx is not None and padding_idx < 0:
            padding_idx += num_embeddings
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()

    def _load_from_state_dict(self, state_dict, prefix, *args):
        key = prefix + "weight"
        old = state_dict.get(key)
        if (
            old is not None
            and old.shape != self.weight.shape
            and old.shape[1:] == self.weight.shape[1:]
        ):
            # numbers of tokens to copy
            n = min(old.shape[0], self.weight.shape[0])
            new = self.weight.detach().clone()
            new[:n] = old[:n]
            state_dict = {**state_dict, key: new}
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, idx: Tensor) -> Tensor:
        return F.embedding(idx, self.weight, self.padding_idx)
