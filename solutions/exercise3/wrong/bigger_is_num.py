"""Your code guesses from the sizes whether to transpose the weight.

There are usually more ids than columns, but not always: a table for 3 weekdays can be 5 wide.
For a square weight you cannot guess at all. The weight of a linear layer always has shape (dim,
num), so what you do must not depend on which size is larger. Try a weight of shape (2, 2).
"""

# caught by: any_sizes

import torch


def linear_to_embedding(weight, bias=None):
    """Transpose only where dim is the smaller size."""
    table = weight.clone()
    if table.shape[0] < table.shape[1]:
        table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
