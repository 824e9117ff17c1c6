"""Your table has rows that are multiplied by the bias. A linear layer adds it.

`nn.Linear` returns `x @ weight.T + bias`. For a one-hot `x`, the product is one column of `weight`,
and the bias is added to it.

Compare `table[0]` with `layer(torch.eye(layer.in_features)[0])`.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Multiply by the bias."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table * bias
