"""Your tied weight cannot be trained.

`requires_grad=False` freezes a Parameter for both layers. Initialization needs no gradients, but
use `torch.no_grad()` for it, which ends with its block.

Print `embedding.weight.requires_grad` after the call.
"""

# caught by: tied

from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Freeze the weight and leave it so."""
    embedding.weight.requires_grad_(False)
    embedding.weight.normal_(std=std)
    if embedding.padding_idx is not None:
        embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
