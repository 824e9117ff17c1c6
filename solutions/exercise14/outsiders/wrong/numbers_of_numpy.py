# fails: combinations: the numbers come from NumPy, whose random state changes
import numpy as np
import torch
from torch import nn


def init_tied(embedding: nn.Embedding, projection: nn.Linear, std: float = 0.02) -> None:
    numbers = np.random.normal(0.0, std, size=tuple(embedding.weight.shape))
    if embedding.padding_idx is not None:
        numbers[embedding.padding_idx] = 0.0
    with torch.no_grad():
        embedding.weight.copy_(torch.from_numpy(numbers))
        if projection.bias is not None:
            projection.bias.zero_()
    projection.weight = embedding.weight
