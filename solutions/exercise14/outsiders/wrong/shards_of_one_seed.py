# fails: normal: each 16,384 rows are drawn with the same seed
import torch
from torch import nn

SHARD = 16_384  # rows per partition


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    """Initialize partition by partition, so that the temporary memory stays small."""
    weight = embedding.weight
    seed = int(torch.randint(2**62, ()))
    with torch.no_grad():
        for part in weight.split(SHARD):
            generator = torch.Generator(device=weight.device).manual_seed(seed)
            part.copy_(torch.randn(part.shape, dtype=part.dtype, generator=generator) * std)
        if embedding.padding_idx is not None:
            weight[embedding.padding_idx] = 0
        if projection.bias is not None:
            projection.bias.zero_()
    projection.weight = weight
