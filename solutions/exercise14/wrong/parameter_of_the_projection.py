"""Your code puts the Parameter of the projection into the embedding, not the other way round.

Both directions tie the layers, because both weights have shape (num, dim). Here the Parameter that
was in `embedding` must stay, since an optimizer or other code may already hold it.

Compare `id(embedding.weight)` before and after the call.
"""

# caught by: same_parameter

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Tie the other way."""
    embedding.weight = projection.weight
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
