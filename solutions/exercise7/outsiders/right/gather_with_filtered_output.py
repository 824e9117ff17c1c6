# passes: gather along the rows, with a hook on each output that removes the padding gradients
import torch
from torch import Tensor, nn


class Embedding(nn.Module):
    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = (
            padding_idx if padding_idx is None or padding_idx >= 0 else padding_idx + num_embeddings
        )
        numbers = torch.normal(torch.zeros(num_embeddings, embedding_dim), 1.0)
        if self.padding_idx is not None:
            numbers[self.padding_idx] = 0.0
        self.weight = nn.Parameter(numbers)

    def forward(self, idx: Tensor) -> Tensor:
        flat = idx.reshape(-1, 1)
        rows = torch.gather(self.weight, 0, flat.expand(-1, self.embedding_dim))
        if self.padding_idx is not None and rows.requires_grad:
            padding = flat == self.padding_idx
            rows.register_hook(lambda grad: grad.masked_fill(padding, 0.0))
        return rows.reshape(*idx.shape, self.embedding_dim)
